"""Following a channel in a browser: signed out, signed in, and as other users see it."""

from playwright.async_api import Route, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD
from tests.rig.site_accounts import create_account


async def test_a_viewer_signs_in_to_follow_and_can_unfollow(new_person: NewPerson, name: str) -> None:
    streamer, viewer, other = await new_person(), await new_person(), await new_person()
    await streamer.register(name)
    fan = f"{name}-fan"
    await create_account(viewer.site, fan)

    await viewer.go(f"/c/{name}")
    await viewer.page.get_by_role("link", name=f"Follow {name}").click()
    await viewer.sign_in(fan, PASSWORD)
    await viewer.page.wait_for_url(f"**/c/{name}")
    await expect(viewer.page.get_by_text(f"You follow {name} now.")).to_be_visible()
    following = viewer.page.get_by_role("button", name=f"Follow {name}", pressed=True)
    await expect(following).to_be_visible()
    await expect(viewer.page.get_by_text("1 follower", exact=True)).to_be_visible()

    await viewer.page.reload()
    await expect(following).to_be_visible()
    await other.go(f"/c/{name}")
    await expect(other.page.get_by_text("1 follower", exact=True)).to_be_visible()
    await streamer.go(f"/c/{name}")
    await expect(streamer.page.get_by_text("1 follower", exact=True)).to_be_visible()
    await expect(streamer.page.get_by_role("button", name="Follow")).to_have_count(0)

    await following.press("Enter")
    await expect(viewer.page.get_by_role("button", name=f"Follow {name}", pressed=False)).to_be_visible()
    await expect(viewer.page.get_by_text("1 follower", exact=True)).to_have_count(0)


async def test_the_page_after_the_sign_in_follows_and_says_so_when_the_site_is_slow(
    new_person: NewPerson, name: str
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    await create_account(viewer.site, f"{name}-fan")

    async def answer_late(route: Route) -> None:
        await streamer.go(f"/c/{name}")
        await expect(streamer.page.get_by_role("button", name="Send")).to_be_visible()
        await route.continue_()

    await viewer.go(f"/c/{name}")
    await viewer.page.get_by_role("link", name=f"Follow {name}").click()
    await expect(viewer.page.get_by_label("Username or email")).to_be_visible()
    await viewer.page.evaluate("window.isSignInPage = true")
    await viewer.page.route(f"{viewer.url}/c/{name}", answer_late)
    await viewer.sign_in(f"{name}-fan")

    await expect(viewer.page.get_by_text(f"You follow {name} now.")).to_be_visible()
    assert not await viewer.page.evaluate("Boolean(window.isSignInPage)"), "the old page ran the events of the next one"


async def test_registering_to_follow_follows_once_and_an_unfollow_is_kept(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)

    await viewer.go(f"/c/{name}")
    await viewer.page.get_by_role("link", name=f"Follow {name}").click()
    await viewer.page.get_by_role("main").get_by_role("link", name="Sign up").click()
    await viewer.fill_in_registration(f"{name}-new")
    following = viewer.page.get_by_role("button", name=f"Follow {name}", pressed=True)
    await expect(following).to_be_visible()
    await following.click()
    await expect(viewer.page.get_by_role("button", name=f"Follow {name}", pressed=False)).to_be_visible()
    await viewer.page.reload()

    await expect(viewer.page.get_by_role("button", name=f"Follow {name}", pressed=False)).to_be_visible()
    await expect(viewer.page.get_by_text("1 follower", exact=True)).to_have_count(0)


async def test_opening_a_url_never_follows_a_channel(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    await create_account(viewer.site, f"{name}-v")

    await viewer.go(f"/login?next=/c/{name}?follow=1")
    await viewer.sign_in(f"{name}-v", PASSWORD)

    await expect(viewer.page.get_by_role("button", name=f"Follow {name}")).to_be_visible()
    await expect(viewer.page.get_by_text("1 follower", exact=True)).to_have_count(0)
