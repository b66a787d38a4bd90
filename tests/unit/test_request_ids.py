"""The ids of requests."""

import asyncio

import pytest

from streaming_app.backend.request_ids import (
    IDS_MAX,
    bind_request_id,
    current_request_id,
    current_request_ids,
    new_request_id,
    valid_request_id,
    working_on,
)


def test_there_is_no_id_outside_a_request() -> None:
    assert current_request_ids() == ()
    assert current_request_id() == ""


async def test_tasks_that_a_request_starts_work_on_it_too() -> None:
    async def read() -> str:
        return current_request_id()

    with working_on(["r1"]):
        started = asyncio.create_task(read())

    assert await started == "r1"
    assert current_request_id() == ""


def test_a_batch_has_the_ids_of_its_requests_once_each() -> None:
    with working_on(["r1"]), working_on(["r2", "", "r3", "r2"]):
        assert current_request_ids() == ("r2", "r3")
        assert current_request_id() == ""

    with working_on(map(str, range(100))):
        assert len(current_request_ids()) == IDS_MAX


async def test_a_bound_id_ends_with_its_task() -> None:
    async def work() -> str:
        bind_request_id("r1")
        return current_request_id()

    assert await asyncio.create_task(work()) == "r1"
    assert current_request_id() == ""


@pytest.mark.parametrize("given", ["", "a b", "a\nb", "é", '"', "-a", "a" * 81])
def test_invalid_ids_are_ignored(given: str) -> None:
    assert valid_request_id(given) == ""


def test_new_ids_are_valid_and_differ() -> None:
    first, second = new_request_id(), new_request_id()

    assert valid_request_id(first) == first
    assert first != second
