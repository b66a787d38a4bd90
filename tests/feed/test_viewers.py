from picows import WSCloseCode

from streaming_app.backend.feed.limits import Pace
from tests.feed.client import FeedClient, connect, connected, leave
from tests.feed.conftest import NewSite, Site, open_site


async def test_viewers_are_counted_as_they_come_and_go(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as first:
        second = await connect(site.port, f"/feed/{channel_id}")
        assert second.welcome["channel"]["viewers"] == 2
        await first.until(lambda: first.viewers == 2)
        assert site.backend.audience.viewers(channel_id) == 2

        await leave(second)
        await first.until(lambda: first.viewers == 1)


async def test_who_is_cut_off_counts_no_more(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as stays:
        gone = await connect(site.port, f"/feed/{channel_id}")
        await stays.until(lambda: stays.viewers == 2)

        gone.transport.disconnect(graceful=False)

        await stays.until(lambda: stays.viewers == 1)


async def test_those_who_look_at_the_catalog_watch_no_channel(site: Site, channel_id: str) -> None:
    async with connected(site.port, "/feed/"), connected(site.port, f"/feed/{channel_id}") as viewer:
        assert viewer.welcome["channel"]["viewers"] == 1


async def test_viewers_of_all_processes_are_added_up(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as here:
        async with open_site(site.backend) as other:
            there = await connect(other.port, f"/feed/{channel_id}")
            await here.until(lambda: here.viewers == 2)
            await there.until(lambda: there.viewers == 2)

        await here.until(lambda: here.viewers == 1)


async def test_a_viewer_who_gives_no_sign_of_life_is_let_go(new_site: NewSite) -> None:
    site = await new_site(pace=Pace(tick=0.05, ping=0.05, pong=0.05))
    channel_id = await site.new_channel()

    dead = await connect(site.port, f"/feed/{channel_id}", client=FeedClient(answers_pings=False))

    assert await dead.has_gone() == WSCloseCode.GOING_AWAY
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        assert viewer.welcome["channel"]["viewers"] == 1


async def test_a_silent_viewer_who_answers_pings_stays(new_site: NewSite) -> None:
    site = await new_site(pace=Pace(tick=0.05, ping=0.05, pong=0.05))
    channel_id = await site.new_channel()

    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await viewer.until(lambda: viewer.pings == 4)
        await site.say(channel_id, "still there?")
        await viewer.until(lambda: viewer.texts == ["still there?"])
