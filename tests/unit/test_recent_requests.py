"""Counts and order of recent requests."""

import pytest

from streaming_app.backend.recent_requests import RecentRequests

MEMORY_SECONDS = 10.0


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def requests(clock: Clock) -> RecentRequests:
    return RecentRequests(MEMORY_SECONDS, clock)


def test_requests_are_counted_by_key_and_numbered_for_all_keys(requests: RecentRequests) -> None:
    assert [requests.add(key) for key in ("a", "b", "a", "a")] == [(1, 0), (1, 1), (2, 2), (3, 3)]


def test_the_newest_request_of_a_key_has_its_number(requests: RecentRequests) -> None:
    for key in ("a", "b", "a", "b"):
        requests.add(key)

    assert requests.newest("a") == 2


def test_the_newest_request_of_an_unknown_key_is_added(requests: RecentRequests) -> None:
    requests.add("a")

    assert requests.newest("b") == 1
    assert requests.newest("b") == 1
    assert requests.add("b") == (2, 2)


def test_requests_count_in_the_next_period_too(requests: RecentRequests, clock: Clock) -> None:
    requests.add("a")
    requests.add("a")
    clock.now = MEMORY_SECONDS

    assert requests.newest("a") == 1
    assert requests.add("a") == (3, 2)


def test_requests_of_long_ago_do_not_count(requests: RecentRequests, clock: Clock) -> None:
    requests.add("a")
    clock.now = MEMORY_SECONDS
    requests.add("b")
    clock.now = 2 * MEMORY_SECONDS

    assert requests.add("a") == (1, 2)


def test_all_requests_are_forgotten_after_a_pause(requests: RecentRequests, clock: Clock) -> None:
    requests.add("a")
    clock.now = 2 * MEMORY_SECONDS

    assert requests.add("a") == (1, 1)
