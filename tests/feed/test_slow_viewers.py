"""Viewers who do not keep up lose messages and are told so, and later are disconnected. Other viewers lose nothing."""

from itertools import pairwise

import pytest
from picows import WSCloseCode

from streaming_app.backend.bootstrap import now
from streaming_app.backend.events import ChatMessagesDeleted
from streaming_app.backend.feed import frames
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.send_queue import SEND_QUEUE_MAX_BYTES, SendQueue
from tests.feed.conftest import NewSite, Site
from tests.rig.feed_client import FeedClient, connect, connected, leave
from tests.rig.metrics import Growth

COUNT = 1200
LONG = "x" * 1000
"""A text so long that ``COUNT`` messages exceed the buffers of sockets and the queue."""


async def _pause(site: Site, channel_id: str, *, by_socket: bool = False) -> FeedClient:
    slow = await connect(site.socket if by_socket else site.port, f"/feed/{channel_id}")
    slow.transport.underlying_transport.pause_reading()
    return slow


async def _post_many(site: Site, channel_id: str, quick: FeedClient) -> None:
    for number in range(COUNT):
        await site.say(channel_id, f"{number} {LONG}")
    await quick.until(lambda: len(quick.messages) == COUNT)


def _numbers(client: FeedClient) -> list[int]:
    return [int(text.split()[0]) for text in client.texts]


@pytest.mark.parametrize("by_socket", [False, True])
async def test_a_slow_viewer_loses_the_oldest_messages_and_gets_a_notice(
    site: Site, channel_id: str, *, by_socket: bool
) -> None:
    slow = await _pause(site, channel_id, by_socket=by_socket)
    async with connected(site.port, f"/feed/{channel_id}") as quick:
        await _post_many(site, channel_id, quick)

        slow.transport.underlying_transport.resume_reading()
        await slow.until(lambda: slow.texts and slow.texts[-1].startswith(f"{COUNT - 1} "))

        assert _numbers(quick) == list(range(COUNT))
        runs = _runs(slow)
        assert len(runs) > 1
        for run in runs:  # no message is missing between two gaps
            assert run == list(range(run[0], run[0] + len(run)))
        for run, after in pairwise(runs):
            assert run[-1] + 1 < after[0]
        assert (runs[0][0], runs[-1][-1]) == (0, COUNT - 1)
        assert slow.messages == [quick.messages[number] for run in runs for number in run]
        assert len(slow.messages) < COUNT
    await leave(slow)


async def test_a_deletion_reaches_a_slow_viewer_even_if_messages_do_not(site: Site, channel_id: str) -> None:
    slow = await _pause(site, channel_id)
    async with connected(site.port, f"/feed/{channel_id}") as quick:
        for number in range(COUNT):
            await site.say(channel_id, f"{number} {LONG}")
            if number == COUNT // 2:
                deletion = ChatMessagesDeleted(at=now(), channel_id=channel_id, entry_id="e1", message_ids=("m1",))
                await site.backend.bus.publish(deletion)
        await quick.until(lambda: len(quick.messages) == COUNT)

        slow.transport.underlying_transport.resume_reading()
        await slow.until(lambda: slow.texts and slow.texts[-1].startswith(f"{COUNT - 1} "))

        assert slow.of_type("deleted") == [{"type": "deleted", "ids": ["m1"]}]
        assert slow.of_type("gap")
    await leave(slow)


@pytest.mark.parametrize("by_socket", [False, True])
async def test_a_viewer_who_never_catches_up_is_disconnected_and_others_lose_no_message(
    new_site: NewSite, *, by_socket: bool
) -> None:
    site = await new_site(intervals=Intervals(tick=0.05, slow_consumer_timeout=0.05))
    channel_id = await site.new_channel()
    growth = Growth()
    slow = await _pause(site, channel_id, by_socket=by_socket)
    async with connected(site.port, f"/feed/{channel_id}") as quick:
        await _post_many(site, channel_id, quick)
        await quick.until(lambda: quick.viewers == 1)

        slow.transport.underlying_transport.resume_reading()

        assert await slow.has_gone() in {WSCloseCode.TRY_AGAIN_LATER, None}
        assert _numbers(quick) == list(range(COUNT))
        assert slow.messages == quick.messages[: len(slow.messages)]
        assert growth.of("feed_slow_viewers_dropped_total") == 1


def test_a_send_queue_drops_only_the_oldest_messages() -> None:
    queue = SendQueue()
    act = frames.viewers(1)

    long = bytearray(SEND_QUEUE_MAX_BYTES // 4)
    for frame, may_go in [(act, False), (long, True), (long, True), (long, True), (bytearray(b"new") + long, True)]:
        assert queue.add(frame, droppable=may_go)

    assert list(queue.drain()) == [frames.gap(), act, long, long, bytearray(b"new") + long]
    assert list(queue.drain()) == []


def test_a_send_queue_without_droppable_frames_is_full() -> None:
    queue = SendQueue()

    assert queue.add(bytearray(SEND_QUEUE_MAX_BYTES), droppable=False)
    assert not queue.add(bytearray(1), droppable=False)


def _runs(client: FeedClient) -> list[list[int]]:
    """Return the runs of message numbers between which the viewer was told of a gap."""
    runs: list[list[int]] = [[]]
    for frame in client.frames:
        if frame["type"] == "gap":
            runs.append([])
        runs[-1] += [int(message["text"].split()[0]) for message in frame.get("messages", [])]
    return runs
