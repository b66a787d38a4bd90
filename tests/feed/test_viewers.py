from picows import WSCloseCode

from streaming_app.backend.accounts.cookies import SESSION_COOKIE, VIEWER_COOKIE
from streaming_app.backend.feed.limits import Intervals
from tests.feed.conftest import NewSite, Site, new_user, open_site, sign_in
from tests.rig.feed_client import FeedClient, connect, connected, leave


async def test_viewers_are_counted_as_they_come_and_go(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as first:
        second = await connect(site.port, f"/feed/{channel_id}")
        assert second.welcome["channel"]["viewers"] == 2
        await first.until(lambda: first.viewers == 2)
        assert site.backend.audience.viewers(channel_id) == 2

        await leave(second)
        await first.until(lambda: first.viewers == 1)


async def test_a_disconnected_viewer_is_no_longer_counted(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as stays:
        gone = await connect(site.port, f"/feed/{channel_id}")
        await stays.until(lambda: stays.viewers == 2)

        gone.transport.disconnect(graceful=False)

        await stays.until(lambda: stays.viewers == 1)


async def test_viewers_of_the_catalog_count_for_no_channel(site: Site, channel_id: str) -> None:
    async with connected(site.port, "/feed/"), connected(site.port, f"/feed/{channel_id}") as viewer:
        assert viewer.welcome["channel"]["viewers"] == 1


async def test_viewers_in_all_processes_are_summed(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}") as here:
        async with open_site(site.backend) as other:
            there = await connect(other.port, f"/feed/{channel_id}")
            await here.until(lambda: here.viewers == 2)
            await there.until(lambda: there.viewers == 2)

        await here.until(lambda: here.viewers == 1)


async def test_a_viewer_who_does_not_answer_pings_is_disconnected(new_site: NewSite) -> None:
    site = await new_site(intervals=Intervals(tick=0.05, ping=0.05, pong_timeout=0.05))
    channel_id = await site.new_channel()

    dead = await connect(site.port, f"/feed/{channel_id}", client=FeedClient(answers_pings=False))

    assert await dead.has_gone() == WSCloseCode.GOING_AWAY
    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        assert viewer.welcome["channel"]["viewers"] == 1


async def test_a_silent_viewer_who_answers_pings_stays_connected(new_site: NewSite) -> None:
    site = await new_site(intervals=Intervals(tick=0.05, ping=0.05, pong_timeout=0.05))
    channel_id = await site.new_channel()

    async with connected(site.port, f"/feed/{channel_id}") as viewer:
        await viewer.until(lambda: viewer.pings == 4)
        await site.say(channel_id, "still there?")
        await viewer.until(lambda: viewer.texts == ["still there?"])


def _browser(name: str) -> dict[str, str]:
    return {"Cookie": f"a=b; {VIEWER_COOKIE}=browser-{name:_>16}"}


async def _signed_in(site: Site, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Register a user, and return the cookies of two browsers."""
    user = await new_user(site.backend, name)
    sessions = [await sign_in(site.backend, user) for _ in range(2)]
    one, other = ({"Cookie": f"{session}; {_browser(name)['Cookie']}"} for session in sessions)
    return one, other


async def test_several_tabs_of_one_browser_are_one_viewer(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}", _browser("one")) as first:
        second = await connect(site.port, f"/feed/{channel_id}", _browser("one"))
        assert second.welcome["channel"]["viewers"] == 1
        async with connected(site.port, f"/feed/{channel_id}", _browser("two")) as other:
            assert other.welcome["channel"]["viewers"] == 2
            await leave(second)
            await first.until(lambda: first.viewers == 2)

        await first.until(lambda: first.viewers == 1)


async def test_tabs_of_one_browser_in_two_processes_are_one_viewer(site: Site, channel_id: str) -> None:
    async with (
        open_site(site.backend) as process,
        connected(site.port, f"/feed/{channel_id}", _browser("one")) as here,
    ):
        there = await connect(process.port, f"/feed/{channel_id}", _browser("one"))
        async with connected(process.port, f"/feed/{channel_id}", _browser("two")):
            await here.until(lambda: here.viewers == 2)
            await there.until(lambda: there.viewers == 2)
        await here.until(lambda: here.viewers == 1)
        await there.until(lambda: there.viewers == 1)

        await leave(there)
        assert here.viewers == 1


async def test_a_user_in_two_browsers_is_one_viewer_known_by_name(site: Site, channel_id: str) -> None:
    at_home, on_the_phone = await _signed_in(site, "Ada")

    async with (
        connected(site.port, f"/feed/{channel_id}", at_home) as home,
        connected(site.port, f"/feed/{channel_id}", on_the_phone) as phone,
        connected(site.port, f"/feed/{channel_id}", _browser("Ada")) as signed_out,
    ):
        assert [c.welcome["channel"]["viewers"] for c in (home, phone, signed_out)] == [1, 1, 2]
        assert site.backend.audience.signed_in(channel_id, 10) == ["Ada"]

    async with connected(site.port, f"/feed/{channel_id}") as later:
        await later.until(lambda: later.viewers == 1)
        assert site.backend.audience.signed_in(channel_id, 10) == []


async def test_an_invalid_session_identifies_nobody(site: Site, channel_id: str) -> None:
    async with connected(site.port, f"/feed/{channel_id}", {"Cookie": f"{SESSION_COOKIE}=forged"}) as viewer:
        assert viewer.welcome["channel"]["viewers"] == 1
        assert site.backend.audience.signed_in(channel_id, 10) == []


async def test_a_process_that_starts_later_learns_the_viewers_of_other_processes(site: Site, channel_id: str) -> None:
    cookies, _ = await _signed_in(site, "Ada")

    async with (
        connected(site.port, f"/feed/{channel_id}", cookies),
        open_site(site.backend) as late,
        connected(late.port, f"/feed/{channel_id}") as viewer,
    ):
        await viewer.until(lambda: viewer.viewers == 2)
        assert late.backend.audience.signed_in(channel_id, 10) == ["Ada"]
