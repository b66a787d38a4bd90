"""The contract of every bus, as ``bus.Bus`` describes it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from opentelemetry.sdk.trace import TracerProvider

from streaming_app.backend.adapters.traces.tracer import OpenTelemetryTracer
from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.events import CHAT_TOPIC, TOPICS, VIEWS_TOPIC
from streaming_app.backend.request_ids import current_request_ids, working_on
from streaming_app.backend.tracing import current_trace_id, request_span, using_tracer
from tests.rig.event_recorder import EventRecorder, message_sent, viewers_counted


async def test_a_published_event_reaches_the_group_unchanged(bus: Bus) -> None:
    archive = EventRecorder()
    event = message_sent("hello")

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        await bus.publish(event)
        await archive.until_received("hello")

    assert [delivery.event for delivery in archive.deliveries] == [event]


async def test_events_of_a_channel_arrive_in_the_order_of_publishing(bus: Bus) -> None:
    archive, hub = EventRecorder(), EventRecorder()
    texts = [str(n) for n in range(200)]

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"), bus.subscribe([CHAT_TOPIC], hub):
        for text in texts:
            await bus.publish(message_sent(text))
        await asyncio.gather(archive.until_received("199"), hub.until_received("199"))

    assert archive.texts == texts
    assert hub.texts == texts


async def test_positions_increase_within_a_channel_and_are_the_same_for_all_subscribers(bus: Bus) -> None:
    archive, hub = EventRecorder(), EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"), bus.subscribe([CHAT_TOPIC], hub):
        await asyncio.gather(*(bus.publish(message_sent(str(n))) for n in range(100)))
        await asyncio.gather(*(h.until(lambda h=h: len(h.texts) == 100) for h in (archive, hub)))

    positions = [delivery.position for delivery in hub.deliveries]
    assert positions == sorted(set(positions))
    assert positions == [delivery.position for delivery in archive.deliveries]
    assert all(0 < position < 2**63 for position in positions)


async def test_a_follower_receives_only_events_published_after_it_subscribed(bus: Bus) -> None:
    archive, hub = EventRecorder(), EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        await bus.publish(message_sent("before"))
        async with bus.subscribe([CHAT_TOPIC], hub):
            await bus.publish(message_sent("now"))
            await hub.until_received("now")
        await bus.publish(message_sent("after"))
        await archive.until_received("after")

    assert hub.texts == ["now"]


async def test_every_follower_receives_every_event(bus: Bus) -> None:
    archive, hubs = EventRecorder(), [EventRecorder() for _ in range(3)]

    async with AsyncExitStack() as subscribed:
        await subscribed.enter_async_context(bus.subscribe([CHAT_TOPIC], archive, group="archive"))
        for hub in hubs:
            await subscribed.enter_async_context(bus.subscribe([CHAT_TOPIC], hub))
        for text in "abc":
            await bus.publish(message_sent(text))
        await asyncio.gather(*(hub.until_received("c") for hub in hubs))

    assert [hub.texts for hub in hubs] == [["a", "b", "c"]] * 3


async def test_a_follower_receives_only_its_topics(bus: Bus) -> None:
    views, everything = EventRecorder(), EventRecorder()

    async with bus.subscribe([VIEWS_TOPIC], views), bus.subscribe(TOPICS, everything):
        async with bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"):
            await bus.publish(message_sent("chat"))
            await bus.announce(viewers_counted(3))
            await everything.until(lambda: len(everything.deliveries) == 2)
        await views.until(lambda: len(views.deliveries) == 1)

    assert [delivery.event.topic for delivery in views.deliveries] == [VIEWS_TOPIC]


async def test_a_failing_follower_still_receives_events_and_does_not_delay_others(bus: Bus) -> None:
    clumsy, hub = EventRecorder(fails=1), EventRecorder()

    async with (
        bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"),
        bus.subscribe([CHAT_TOPIC], clumsy),
        bus.subscribe([CHAT_TOPIC], hub),
    ):
        await bus.publish(message_sent("one"))
        await hub.until_received("one")
        await bus.publish(message_sent("two"))
        await asyncio.gather(hub.until_received("two"), clumsy.until_received("two"))

    assert clumsy.texts == ["two"]


async def test_a_slow_follower_does_not_delay_others(bus: Bus) -> None:
    hub, go_on = EventRecorder(), asyncio.Event()

    async def slow(_: object) -> None:
        await go_on.wait()

    async with (
        bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"),
        bus.subscribe([CHAT_TOPIC], slow),
        bus.subscribe([CHAT_TOPIC], hub),
    ):
        for text in "abc":
            await bus.publish(message_sent(text))
        await hub.until_received("c")

    assert hub.texts == ["a", "b", "c"]


async def test_a_failing_group_handler_gets_the_same_batch_again(bus: Bus) -> None:
    archive = EventRecorder(fails=2)

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        await bus.publish(message_sent("hello"))
        await archive.until_received("hello")

    assert archive.failed == [["hello"], ["hello"]]
    assert archive.texts == ["hello"]


async def test_each_group_receives_every_event(bus: Bus) -> None:
    archive, analytics = EventRecorder(fails=1), EventRecorder()

    async with (
        bus.subscribe([CHAT_TOPIC], archive, group="archive"),
        bus.subscribe([CHAT_TOPIC], analytics, group="analytics"),
    ):
        await bus.publish(message_sent("hello"))
        await asyncio.gather(archive.until_received("hello"), analytics.until_received("hello"))

    assert archive.texts == analytics.texts == ["hello"]


async def test_the_members_of_a_group_share_its_events(bus: Bus) -> None:
    one, two, together = EventRecorder(), EventRecorder(), EventRecorder()
    channels = [f"ch{n}" for n in range(20)]

    async def first(batch: Sequence[Delivery]) -> None:
        await asyncio.gather(one(batch), together(batch))

    async def second(batch: Sequence[Delivery]) -> None:
        await asyncio.gather(two(batch), together(batch))

    async with (
        bus.subscribe([CHAT_TOPIC], first, group="archive"),
        bus.subscribe([CHAT_TOPIC], second, group="archive"),
    ):
        # A new member gets its share of the partitions a little later: publish until both members have received events.
        texts: list[str] = []
        while not (one.texts and two.texts):
            texts += (news := [f"{len(texts)}-{channel}" for channel in channels])
            await asyncio.gather(*(bus.publish(message_sent(t, c)) for t, c in zip(news, channels, strict=True)))
        await together.until(lambda: set(together.texts) == set(texts))


async def test_an_announced_event_reaches_followers_and_groups(bus: Bus) -> None:
    hub, analytics = EventRecorder(), EventRecorder()

    async with bus.subscribe([VIEWS_TOPIC], hub), bus.subscribe([VIEWS_TOPIC], analytics, group="analytics"):
        for viewers in range(5):
            await bus.announce(viewers_counted(viewers))
        await asyncio.gather(*(h.until(lambda h=h: len(h.deliveries) == 5) for h in (hub, analytics)))

    assert [delivery.event for delivery in hub.deliveries] == [delivery.event for delivery in analytics.deliveries]


async def test_announcing_without_subscribers_succeeds(bus: Bus) -> None:
    for viewers in range(5):
        await bus.announce(viewers_counted(viewers))

    follower = EventRecorder()
    async with bus.subscribe([VIEWS_TOPIC], follower):
        await bus.announce(last := viewers_counted(6))
        await follower.until(lambda: last in [delivery.event for delivery in follower.deliveries])


async def test_any_text_is_delivered_unchanged(bus: Bus) -> None:
    archive = EventRecorder()
    texts = ["", "ünïcödé 🎉", "\n", '"}', "x" * 500]

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        for text in texts:
            await bus.publish(message_sent(text))
        await archive.until_received(texts[-1])

    assert archive.texts == texts


async def test_the_id_of_the_request_travels_with_its_event(bus: Bus) -> None:
    archive, hub, seen = EventRecorder(), EventRecorder(), list[tuple[str, ...]]()

    async def handle(batch: Sequence[Delivery]) -> None:
        seen.append(current_request_ids())
        await archive(batch)

    async with bus.subscribe([CHAT_TOPIC], handle, group="archive"), bus.subscribe([CHAT_TOPIC], hub):
        with working_on(["r1"]):
            await bus.publish(message_sent("with"))
        await bus.publish(message_sent("without"))
        await asyncio.gather(archive.until_received("without"), hub.until_received("without"))

    assert [delivery.request_id for delivery in archive.deliveries] == ["r1", ""]
    assert [delivery.request_id for delivery in hub.deliveries] == ["r1", ""]
    assert [each for ids in seen for each in ids] == ["r1"]


async def test_the_trace_of_a_request_continues_in_every_handler(bus: Bus) -> None:
    archive, hub, seen = EventRecorder(), EventRecorder(), list[str]()

    async def handle(batch: Sequence[Delivery]) -> None:
        if len(batch) == 1:  # several events together may be of several traces
            seen.append(current_trace_id())
        await archive(batch)

    with using_tracer(OpenTelemetryTracer(TracerProvider(), "local")):
        async with bus.subscribe([CHAT_TOPIC], handle, group="archive"), bus.subscribe([CHAT_TOPIC], hub):
            with request_span("POST", "r1"):
                trace_id = current_trace_id()
                await bus.publish(message_sent("published"))
                await archive.until_received("published")
                await bus.announce(message_sent("announced"))
            await asyncio.gather(archive.until_received("announced"), hub.until_received("announced"))

    parents = [delivery.trace_parent.split("-") for delivery in archive.deliveries]
    assert [trace for _, trace, _, _ in parents] == [trace_id, trace_id]
    assert len({span for _, _, span, _ in parents}) == 2
    assert [delivery.trace_parent.split("-") for delivery in hub.deliveries] == parents
    assert set(seen) == {trace_id}
