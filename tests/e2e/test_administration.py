"""The administration in browsers: who can open it, suspending a user, and cutting off a stream."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.conditions import until
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site, operate
from tests.rig.site_accounts import promote

SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
NO_SUCH_PAGE = "There is no such page"


async def new_admin(site: Site, new_person: NewPerson, name: str) -> Person:
    """Register an admin."""
    admin = await new_person()
    await admin.register(f"{name}-boss")
    await promote(site, f"{name}-boss")
    return admin


async def is_not_found(person: Person, path: str) -> None:
    """Check that the page answers as one that does not exist."""
    answer = await person.page.goto(person.url + path)
    assert answer is not None
    assert answer.status == 404
    await expect(person.page.get_by_role("heading", name=NO_SUCH_PAGE)).to_be_visible()


async def test_others_than_staff_see_the_page_of_a_missing_page(new_person: NewPerson, name: str) -> None:
    visitor, user = await new_person(), await new_person()
    await user.register(name)

    for person in (visitor, user):
        for path in ("/admin", "/admin/users/ann", "/admin/streams", "/admin/log"):
            await is_not_found(person, path)
    await user.account_menu().click()
    await expect(user.page.get_by_role("link", name="Administration")).to_have_count(0)


async def test_a_suspended_user_loses_every_open_tab_and_learns_why(
    site: Site, new_person: NewPerson, name: str
) -> None:
    admin, troll = await new_admin(site, new_person, name), await new_person()
    await troll.register(name)
    await troll.stream_key()
    await admin.go("/")
    await admin.account_menu().click()
    await admin.page.get_by_role("link", name="Administration").click()
    await admin.page.get_by_label("Name or email").fill(f"{name}@example")
    await admin.page.get_by_role("button", name="Search").click()
    await admin.page.get_by_role("link", name=name, exact=True).click()
    await expect(admin.page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    await admin.page.get_by_role("button", name="Suspend").click()
    await expect(admin.page.get_by_text("Enter a reason. The user sees it.")).to_be_visible()
    await expect(admin.page.get_by_label("Reason")).to_be_focused()
    await admin.page.get_by_label("Reason").fill("selling things")
    await admin.page.get_by_label("How long").select_option("7 days")
    await admin.page.get_by_role("button", name="Suspend").click()

    await expect(admin.page.get_by_role("button", name="Lift the suspension")).to_be_visible()
    await expect(admin.page.get_by_text("7 days: selling things")).to_be_visible()
    await expect(troll.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await troll.go("/login")
    await troll.sign_in(name)
    await expect(troll.page.get_by_text("Reason: selling things")).to_be_visible()
    await admin.page.get_by_role("button", name="Lift the suspension").click()
    await expect(admin.page.get_by_role("button", name="Suspend")).to_be_visible()
    await troll.sign_in(name)
    await expect(troll.account_menu()).to_be_visible()


async def test_a_suspension_from_the_shell_empties_open_tabs(site: Site, new_person: NewPerson, name: str) -> None:
    troll = await new_person()
    await troll.register(name)
    await troll.stream_key()

    operate(site.environment, "admin", "ban", name)

    await expect(troll.page.get_by_role("heading", name="You are signed out")).to_be_visible()


async def test_a_stream_is_cut_off_and_its_encoder_refused(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    admin, streamer = await new_admin(site, new_person, name), await new_person()
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await admin.go("/admin/streams")
        await admin.page.get_by_role("button", name=f"Cut off {name}").click()
        await admin.page.get_by_label("Reason").fill("somebody else's film")
        await admin.page.get_by_role("button", name="Cut off", exact=True).click()
        await expect(admin.page.get_by_role("button", name=f"Allow {name} to stream")).to_be_visible()
        await expect(admin.page.get_by_role("button", name=f"Cut off {name}")).to_have_count(0)

    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await expect(streamer.page.get_by_text("Reason: somebody else's film").first).to_be_visible()
    await admin.page.get_by_role("button", name=f"Allow {name} to stream").click()
    await expect(admin.page.get_by_text("No channel is blocked.")).to_be_visible()


async def test_a_stream_is_ended_from_the_shell_for_its_viewers_and_its_encoder(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log) as encoder:
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()
        await until(lambda: site.live() == [name], "the streams of earlier tests have ended")
        assert operate(site.environment, "streams", "list").startswith(f"{name}\tlive\t")

        operate(site.environment, "streams", "end", name, "--reason", "somebody else's film")

        await expect(viewer.stream_badge()).to_have_text("Offline")
        await asyncio.to_thread(encoder.wait_until_ended)
        assert operate(site.environment, "streams", "list") == "Nobody is live.\n"


async def test_roles_are_changed_after_a_recent_sign_in_and_the_log_shows_it(
    site: Site, new_person: NewPerson, name: str
) -> None:
    admin, user = await new_admin(site, new_person, name), await new_person()
    await user.register(name)
    await admin.go(f"/admin/users/{name}")
    await admin.page.get_by_role("combobox", name="Role").select_option("moderator")
    await admin.page.get_by_role("button", name="Change role").click()
    await expect(admin.page.get_by_text("user to moderator")).to_be_visible()

    await user.go("/admin")
    await expect(user.page.get_by_role("heading", name="Users")).to_be_visible()
    await expect(user.page.get_by_role("link", name="Audit log")).to_have_count(0)
    await admin.go("/admin/log")
    await admin.page.get_by_label("User").fill(name)
    await admin.page.get_by_label("Action").select_option("role_changed")
    await admin.page.get_by_role("button", name="Search").click()
    await expect(admin.page.get_by_role("region", name="Audit log").get_by_role("listitem")).to_have_count(1)

    await admin.go(f"/admin/users/{name}")
    await admin.page.get_by_role("button", name="Delete account").click()
    await admin.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(admin.page.get_by_text("The account will be deleted on")).to_be_visible()
    await user.go("/settings/security")
    await expect(user.account_menu()).to_have_count(0)


async def test_no_page_of_the_administration_scrolls_sideways(site: Site, new_person: NewPerson, name: str) -> None:
    admin = await new_admin(site, new_person, name)
    await admin.page.set_viewport_size({"width": 360, "height": 740})

    for path in ("/admin", f"/admin/users/{name}-boss", "/admin/streams", "/admin/log"):
        await admin.go(path)
        await expect(admin.page.locator("main h1")).to_be_visible()
        assert not await admin.page.evaluate(SCROLLS_SIDEWAYS), path
