"""Reports by viewers, and what the staff does about them."""

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.site import Site
from tests.rig.site_accounts import promote


async def test_a_message_is_reported_and_deleted_by_the_staff(site: Site, new_person: NewPerson, name: str) -> None:
    owner, troll, viewer, admin = [await new_person() for _ in range(4)]
    for person, suffix in ((owner, ""), (troll, "-troll"), (viewer, "-viewer"), (admin, "-boss")):
        await person.register(f"{name}{suffix}")
    await promote(site, f"{name}-boss")
    await troll.go(f"/c/{name}")
    await troll.say("buy my things")
    await viewer.go(f"/c/{name}")
    await expect(viewer.chat_lines()).to_have_count(1)

    await viewer.chat_lines().first.hover()
    await viewer.page.locator("[data-message] .chat__act").first.click()
    await viewer.page.get_by_role("menuitem", name="Report message").click()
    await expect(viewer.page.get_by_text("buy my things")).to_be_visible()
    await viewer.page.get_by_role("button", name="Send report").click()
    await expect(viewer.page.locator("#reason-error")).to_have_text("Choose a reason.")
    await expect(viewer.page.get_by_label("Reason")).to_be_focused()
    await viewer.page.get_by_label("Reason").select_option("spam")
    await viewer.page.get_by_role("button", name="Send report").click()
    await expect(viewer.page.get_by_text("Your report was sent")).to_be_visible()

    await admin.go("/admin/reports")
    await expect(admin.page.get_by_text("buy my things")).to_be_visible()
    await admin.page.get_by_role("button", name="Delete message").click()
    await expect(admin.page.get_by_text("There are no open reports.")).to_be_visible()
    resolved = admin.page.get_by_role("region", name="Resolved reports")
    await expect(resolved.get_by_text(f"Message deleted by {name}-boss")).to_be_visible()
    await expect(resolved.get_by_text("buy my things")).to_be_visible()
    await expect(troll.page.locator(".chat__row .chat__text", has_text="buy my things")).to_have_count(0)


async def test_a_channel_is_reported_once_by_each_viewer(new_person: NewPerson, name: str) -> None:
    owner, viewer = await new_person(), await new_person()
    await owner.register(name)
    await viewer.register(f"{name}-viewer")

    for answer in ("Your report was sent", "You have reported this already."):
        await viewer.go(f"/c/{name}")
        await viewer.page.get_by_role("link", name="Report").click()
        await viewer.page.get_by_label("What do you report?").select_option("user")
        await viewer.page.get_by_label("Reason").select_option("impersonation")
        await viewer.page.get_by_role("button", name="Send report").click()
        await expect(viewer.page.get_by_text(answer)).to_be_visible()


async def test_the_reporter_is_told_the_outcome_and_staff_choose_how_long(
    site: Site, new_person: NewPerson, name: str
) -> None:
    owner, viewer, admin = [await new_person() for _ in range(3)]
    for person, suffix in ((owner, ""), (viewer, "-viewer"), (admin, "-boss")):
        await person.register(f"{name}{suffix}")
    await promote(site, f"{name}-boss")
    for kind in ("stream", "user"):
        await viewer.go(f"/c/{name}/report")
        await viewer.page.get_by_label("What do you report?").select_option(kind)
        await viewer.page.get_by_label("Reason").select_option("hate")
        await viewer.page.get_by_role("button", name="Send report").click()
        await expect(viewer.page.get_by_text("Your report was sent")).to_be_visible()
    await viewer.page.get_by_role("link", name="your reports").click()
    reports = viewer.page.get_by_role("region", name="Your reports")
    await expect(reports.get_by_text("The staff has not reviewed it yet.")).to_have_count(2)

    await admin.go("/admin/reports")
    opened = admin.page.get_by_role("region", name="Open reports").get_by_role("listitem")
    opened = opened.filter(has=admin.page.get_by_role("link", name=name, exact=True))
    of_user = opened.filter(has=admin.page.get_by_text("User", exact=True))
    await of_user.get_by_role("button", name="Dismiss").click()
    await expect(opened).to_have_count(1)
    await expect(opened.get_by_label("Cut off: how long")).to_have_value("1 day")
    await opened.get_by_label("Suspend: how long").select_option("30 days")
    await opened.get_by_role("button", name="Suspend").click()
    await expect(opened).to_have_count(0)
    await admin.go(f"/admin/users/{name}")
    await expect(admin.page.get_by_role("button", name="Lift the suspension")).to_be_visible()

    await viewer.go("/settings/reports")
    await expect(reports.get_by_text("The staff acted on it")).to_have_count(1)
    await expect(reports.get_by_text("The staff found nothing against the rules")).to_have_count(1)
    await expect(reports.get_by_text("suspended")).to_have_count(0)
