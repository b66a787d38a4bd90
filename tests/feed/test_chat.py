import asyncio
from datetime import datetime

from picows import WSCloseCode

from streaming_app.backend.chat.hub import RECENT_MESSAGES, RESUME_MAX
from tests.feed.conftest import NewSite, Site, open_site
from tests.rig.feed_client import connect, connected, leave, reconnect_until


async def test_a_new_viewer_receives_the_recent_messages(site: Site, channel_id: str) -> None:
    await site.say(channel_id, *map(str, range(RECENT_MESSAGES + 5)))

    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        assert viewer.welcome["type"] == "welcome"
        assert viewer.welcome["resumed"] is False
        assert viewer.welcome["channel"] == {
            "state": "offline",
            "viewers": 1,
            "rules": {"slow": 0, "followers": None, "age": 0, "text": ""},
            "pinned": None,
        }
        assert viewer.texts == [str(number) for number in range(5, RECENT_MESSAGES + 5)]


async def test_a_message_has_author_text_and_time_and_no_other_data(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.say(channel_id, 'Grüße <b>"all"</b> 🎈', name="Grace")
        await viewer.until(lambda: viewer.messages)

    [message] = viewer.messages
    assert message.keys() == {"id", "cursor", "name", "text", "at"}
    assert (message["name"], message["text"]) == ("Grace", 'Grüße <b>"all"</b> 🎈')
    assert message["cursor"].isdecimal()
    assert datetime.fromisoformat(message["at"]).tzinfo


async def test_messages_are_sent_to_their_channel_only(site: Site, channel_id: str) -> None:
    other = await site.new_channel("Grace")
    async with connected(site.port, f"/feed/{channel_id}") as here, connected(site.port, f"/feed/{other}") as there:
        await site.say(channel_id, "here")
        await site.say(other, "there")
        await here.until(lambda: here.messages)
        await there.until(lambda: there.messages)

    assert (here.texts, there.texts) == (["here"], ["there"])


async def test_a_returning_viewer_receives_the_messages_after_the_last_seen(site: Site, channel_id: str) -> None:
    await site.say(channel_id, "one")
    viewer = await connect(site.port, f"/feed/{channel_id}")
    await leave(viewer)
    await site.say(channel_id, "two", "three")

    cursor = viewer.messages[-1]["cursor"]
    async with connected(site.port, f"/feed/{channel_id}?after={cursor}") as viewer:
        assert viewer.welcome["resumed"] is True
        assert viewer.texts == ["two", "three"]


async def test_a_viewer_who_missed_too_much_gets_the_recent_messages(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await site.say(channel_id, "first")
        await viewer.until(lambda: viewer.messages)
    await asyncio.gather(*(site.say(channel_id, str(number)) for number in range(RESUME_MAX + 1)))

    async with connected(site.port, f"/feed/{channel_id}?after={viewer.messages[-1]['cursor']}") as viewer:
        assert viewer.welcome["resumed"] is False
        assert len(viewer.texts) == RECENT_MESSAGES


async def test_a_welcome_that_is_too_large_has_only_the_newest_messages(site: Site, channel_id: str) -> None:
    await asyncio.gather(*(site.say(channel_id, f"{number} {'x' * 4000}") for number in range(200)))

    async with connected(site.port, f"/feed/{channel_id}?after=0") as viewer:
        assert viewer.welcome["resumed"] is False
        assert viewer.texts[-1].startswith("199 ")
        assert len(viewer.texts) == 50


async def test_viewers_who_keep_reconnecting_see_every_message_once_and_in_order(site: Site, channel_id: str) -> None:
    viewers = [asyncio.create_task(reconnect_until("399", [site.port], channel_id, seed)) for seed in range(8)]
    for number in range(400):
        await site.say(channel_id, str(number))

    for viewer in await asyncio.gather(*viewers):
        assert viewer.texts == [str(number) for number in range(int(viewer.texts[0]), 400)]


async def test_several_processes_show_the_same_chat(site: Site, new_site: NewSite, channel_id: str) -> None:
    second = await new_site()
    async with (
        connected(site.port, f"/feed/{channel_id}") as one,
        connected(second.port, f"/feed/{channel_id}") as other,
    ):
        await site.say(channel_id, "hello")
        await second.say(channel_id, "everyone")
        await one.until(lambda: len(one.messages) == 2)
        await other.until(lambda: len(other.messages) == 2)

    assert one.messages == other.messages


async def test_viewers_get_the_close_code_for_reconnecting_when_the_feed_stops(site: Site, channel_id: str) -> None:
    async with open_site(site.backend) as ending:
        viewers = [await connect(ending.port, f"/feed/{channel_id}") for _ in range(3)]

    assert [await viewer.has_gone() for viewer in viewers] == [WSCloseCode.GOING_AWAY] * 3
