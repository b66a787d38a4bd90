"""Moderation of chat, as users see it."""

from playwright.async_api import WebSocket, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.conditions import until

NEXT_PAINT = "() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))"


async def must_wait(person: Person, words: str) -> None:
    """Check that the user must wait before posting, and is told why without an error."""
    await expect(person.page.locator(".compose__said")).to_contain_text(words)


async def is_refused(person: Person, text: str, words: str) -> None:
    """Post a text that is refused. Check that the user is told why, and that the text stays in the box."""
    box = person.page.get_by_role("textbox", name="Message")
    await box.fill(text)
    await box.press("Enter")
    await expect(person.page.get_by_role("alert")).to_contain_text(words)
    await expect(box).to_have_value(text)
    await box.fill("")


async def test_commands_ban_and_unban_users(new_person: NewPerson, name: str) -> None:
    owner, troll = await new_person(), await new_person()
    other = f"{name}-troll"
    for person, slug in ((owner, name), (troll, other)):
        await person.register(slug)
        await person.go(f"/c/{name}")
    await troll.say("hello")

    await owner.say(f"/timeout {other} 10m too loud")
    await must_wait(troll, "You are timed out: too loud. You can chat again in")
    await owner.say(f"/untimeout {other}")
    await troll.say("thanks")
    await owner.say(f"/ban @{other} spam")
    await must_wait(troll, "You are banned from this chat: spam.")
    await owner.say(f"/unban {other}")
    await owner.say(f"/clear {other}")
    await troll.say("thanks again")


async def test_an_incomplete_command_shows_its_usage(new_person: NewPerson, name: str) -> None:
    owner = await new_person()
    await owner.register(name)
    await owner.go(f"/c/{name}")

    await is_refused(owner, "/ban", "Usage: /ban name [reason]")


async def test_commands_set_rules_and_appoint_moderators(new_person: NewPerson, name: str) -> None:
    owner, viewer = await new_person(), await new_person()
    other = f"{name}-v"
    for person, slug in ((owner, name), (viewer, other)):
        await person.register(slug)
        await person.go(f"/c/{name}")

    await owner.say("/slow 60")
    await viewer.say("slowly")
    await must_wait(viewer, "Slow mode is on. You can chat again in")
    await owner.say(f"/mod {other}")
    await viewer.say("as a moderator")
    await viewer.say("/slow off")
    await owner.say("/followers")
    await owner.say(f"/unmod {other}")

    await is_refused(viewer, "/slow 5", "for the channel's moderators")
    await is_refused(viewer, "hi", "Only followers of the channel can chat here")


async def test_rules_are_set_on_the_page_and_invalid_values_stay_in_the_form(new_person: NewPerson, name: str) -> None:
    owner, viewer = await new_person(), await new_person()
    for person, slug in ((owner, name), (viewer, f"{name}-v")):
        await person.register(slug)
    await owner.go("/studio")
    await owner.page.get_by_role("link", name="Moderation").click()
    page = owner.page
    slow, terms = page.get_by_role("textbox", name="Slow mode"), page.get_by_role("textbox", name="Blocked terms")

    await slow.fill("often")
    await terms.fill("bad\n*evil*")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Use 0 (off) to 3600 seconds.")).to_be_visible()
    await expect(slow).to_be_focused()
    await expect(slow).to_have_value("often")
    await expect(terms).to_have_value("bad\n*evil*")
    await slow.fill("")
    await page.get_by_role("combobox", name="Links").select_option("none")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("region", name="Log")).to_contain_text("blocked terms: 2, no links allowed")

    await viewer.go(f"/c/{name}")
    await is_refused(viewer, "so b4d", "blocked term")
    await is_refused(viewer, "see other.com", "Links are not allowed here")
    await viewer.say("fine")


async def test_the_page_loads_its_data_once(new_person: NewPerson, name: str) -> None:
    events: list[str] = []
    feed_frames: list[str] = []

    def record(socket: WebSocket) -> None:
        if "/_event/" in socket.url:
            socket.on("framesent", lambda frame: events.append(str(frame)))
        else:
            socket.on("framereceived", lambda frame: feed_frames.append(str(frame)))

    owner = await new_person()
    await owner.register(name)
    owner.page.on("websocket", record)
    await owner.go(f"/c/{name}/moderation")
    await until(lambda: bool(feed_frames), "the feed has welcomed the page")
    for _ in range(2):
        await owner.page.evaluate(NEXT_PAINT)
    await owner.page.get_by_text("Ban someone").click()
    await owner.page.get_by_role("textbox", name="Who").fill("nobody-at-all")
    await owner.page.get_by_role("button", name="Ban", exact=True).click()
    await expect(owner.page.get_by_role("alert")).to_be_visible()

    assert [event for event in events if "moderation_state.ban" in event]
    assert not [event for event in events if "moderation_state.refresh" in event]


async def test_the_page_links_to_the_studio_and_to_the_channel(new_person: NewPerson, name: str) -> None:
    owner = await new_person()
    await owner.register(name)
    await owner.go(f"/c/{name}/moderation")
    back = owner.page.get_by_role("navigation", name="Back")

    await expect(back.get_by_role("link", name=name)).to_have_attribute("href", f"/c/{name}")
    await back.get_by_role("link", name="Studio").click()

    await expect(owner.page.get_by_role("heading", name="Studio")).to_be_visible()


async def test_held_messages_are_reviewed_and_actions_undone_on_the_page(new_person: NewPerson, name: str) -> None:
    owner, viewer = await new_person(), await new_person()
    for person, slug in ((owner, name), (viewer, f"{name}-v")):
        await person.register(slug)
    page = owner.page
    await owner.go(f"/c/{name}/moderation")
    await page.get_by_role("textbox", name="Blocked terms").fill("bad")
    await page.get_by_role("combobox", name="When a filter matches").select_option("held")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Undo ")).to_have_count(1)
    await viewer.go(f"/c/{name}")
    await viewer.say("so bad")
    await viewer.say("very bad")

    await page.reload()
    reject = page.get_by_role("button", name=f"Reject the message of {name}-v")
    await expect(reject).to_have_count(2)
    await page.get_by_role("button", name=f"Approve the message of {name}-v").first.click()
    await expect(reject).to_have_count(1)
    await reject.click()
    await expect(page.get_by_text("No messages to review.")).to_be_visible()
    await expect(viewer.chat_lines()).to_have_text(["so bad"])

    await page.get_by_text("Ban someone").click()
    await page.get_by_role("textbox", name="Who").fill(f"{name}-v")
    await page.get_by_role("textbox", name="How long").fill("2h")
    await page.get_by_role("button", name="Ban", exact=True).click()
    undo = page.get_by_role("button", name=f"Undo {name} timed out {name}-v for 2 hours")
    await expect(undo).to_be_visible()
    await must_wait(viewer, "You are timed out")
    await undo.click()
    await expect(page.get_by_text(f"Undone by {name}")).to_be_visible()
    await expect(page.get_by_text("No one is banned or timed out.")).to_be_visible()
    await viewer.say("thanks")


async def test_the_page_is_refused_to_viewers_and_opens_for_new_moderators(new_person: NewPerson, name: str) -> None:
    owner, other, visitor = await new_person(), await new_person(), await new_person()
    for person, slug in ((owner, name), (other, f"{name}-m")):
        await person.register(slug)
    await owner.go(f"/c/{name}/moderation")

    await other.go(f"/c/{name}/moderation")
    await expect(other.page.get_by_role("heading", name="This page is for moderators")).to_be_visible()
    await visitor.go(f"/c/{name}/moderation")
    await expect(visitor.page.get_by_role("main").get_by_role("button", name="Sign in")).to_be_visible()
    await owner.page.get_by_role("textbox", name="Add a moderator").fill(f"{name}-m")
    await owner.page.get_by_role("button", name="Add", exact=True).click()
    await expect(owner.page.get_by_role("button", name=f"Remove {name}-m from the moderators")).to_be_visible()

    await other.page.reload()
    await expect(other.page.get_by_role("heading", name="Held messages")).to_be_visible()
    await expect(other.page.get_by_role("textbox", name="Add a moderator")).to_have_count(0)
