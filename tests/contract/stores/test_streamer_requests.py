"""Requests to stream, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.streams.streamer_requests import RequestStatus, StreamerRequest
from tests.contract.stores.samples import NOW

ANN = StreamerRequest("u-ann", "ann", "chess", NOW)
BOB = StreamerRequest("u-bob", "bob", "music", NOW + timedelta(seconds=1))


async def test_a_request_is_read_as_it_was_stored(store: Store) -> None:
    assert await store.streamer_requests.ask(ANN)
    approved = replace(BOB, status=RequestStatus.APPROVED, decided_by="root")
    await store.streamer_requests.put(approved)

    assert await store.streamer_requests.of("u-ann") == ANN
    assert await store.streamer_requests.of("u-bob") == approved
    assert await store.streamer_requests.of("u-cat") is None


async def test_a_request_replaces_only_a_refused_one(store: Store) -> None:
    again = replace(ANN, text="go")
    await store.streamer_requests.ask(ANN)
    assert not await store.streamer_requests.ask(again)
    await store.streamer_requests.put(replace(ANN, status=RequestStatus.APPROVED))
    assert not await store.streamer_requests.ask(again)

    await store.streamer_requests.put(replace(ANN, status=RequestStatus.REFUSED, note="no"))

    assert await store.streamer_requests.ask(again)
    assert await store.streamer_requests.of("u-ann") == again


async def test_requests_are_listed_by_status_with_the_oldest_first(store: Store) -> None:
    for request in (BOB, ANN, replace(ANN, user_id="u-cat", status=RequestStatus.REFUSED)):
        await store.streamer_requests.put(request)

    assert await store.streamer_requests.with_status(RequestStatus.WAITING, 9) == [ANN, BOB]
    assert await store.streamer_requests.with_status(RequestStatus.WAITING, 1) == [ANN]
    assert await store.streamer_requests.with_status(RequestStatus.APPROVED, 9) == []
