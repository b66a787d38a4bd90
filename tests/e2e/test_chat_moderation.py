"""Moderation of chat in a browser: menus and commands of moderators, and what other users see."""

from playwright.async_api import Locator, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person


async def at_one_channel(new_person: NewPerson, name: str) -> tuple[Person, Person]:
    """Return a streamer and a chatter, both on the streamer's page."""
    streamer, chatter = await new_person(), await new_person()
    await streamer.register(name)
    await chatter.register(f"{name}-c")
    for person in (streamer, chatter):
        await person.go(f"/c/{name}")
    return streamer, chatter


def row(person: Person, text: str) -> Locator:
    return person.page.locator(".chat__row").filter(has_text=text)


async def choose(person: Person, text: str, item: str) -> None:
    """Choose an item of the menu of the message with this text."""
    await row(person, text).hover()
    await row(person, text).get_by_role("button", name="Menu of").click()
    await person.page.get_by_role("menuitem", name=item).click()


async def test_a_reply_quotes_its_message_and_is_highlighted_for_the_quoted_author(
    new_person: NewPerson, name: str
) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await chatter.say("what is this?")

    await choose(streamer, "what is this?", "Reply")
    await expect(streamer.page.get_by_text("Replying to")).to_be_visible()
    await streamer.say("a test")

    answer = row(chatter, "a test")
    await expect(answer.locator(".chat__quote")).to_contain_text("what is this?")
    await expect(answer).to_have_attribute("data-for-me", "true")
    await expect(answer.get_by_role("img", name="Streamer")).to_be_visible()
    await expect(streamer.page.get_by_text("Replying to")).to_have_count(0)


async def test_a_deleted_message_disappears_for_everyone_at_once(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await chatter.say("spam")
    await chatter.say("no spam")

    await choose(streamer, "no spam", "Delete message")

    await expect(chatter.chat_lines()).to_have_text(["spam"])
    await expect(chatter.page.get_by_text("Message deleted")).to_be_visible()


async def test_a_banned_chatter_sees_the_reason_keeps_the_text_and_can_be_unbanned(
    new_person: NewPerson, name: str
) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await chatter.say("buy this")
    box = chatter.page.get_by_role("textbox", name="Message")
    await box.fill("why?")

    await choose(streamer, "buy this", f"Ban {name}-c")
    await streamer.page.get_by_label("Reason").fill("advertising")
    await streamer.page.get_by_role("dialog").get_by_role("button", name="Ban").click()

    banned = chatter.page.get_by_text("You are banned from this chat: advertising.")
    await expect(banned).to_be_visible()
    await expect(box).to_be_disabled()
    await expect(box).to_have_value("why?")
    await chatter.page.reload()
    await expect(banned).to_be_visible()
    await expect(box).to_be_disabled()
    await choose(streamer, "buy this", "Unban")
    await expect(banned).to_have_count(0)
    await chatter.say("thank you")
    await expect(row(streamer, "thank you")).to_be_visible()


async def test_a_pinned_message_is_shown_above_the_chat_until_it_is_unpinned(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await streamer.say("the rules")

    await choose(streamer, "the rules", "Pin message")

    pinned = chatter.page.get_by_role("region", name="Pinned message")
    await expect(pinned).to_contain_text("the rules")
    await chatter.page.reload()
    await expect(pinned).to_contain_text("the rules")
    await streamer.page.get_by_role("button", name="Unpin").click()
    await expect(pinned).to_have_count(0)


async def test_a_command_is_completed_described_and_answered(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    box = streamer.page.get_by_role("textbox", name="Message")

    await box.press_sequentially("/slo")
    await streamer.page.get_by_role("option", name="/slow").click()
    await expect(streamer.page.locator(".compose__said")).to_contain_text("/slow")
    await streamer.say("/slow 10")

    await expect(chatter.page.get_by_text("Slow mode: one message every 10 seconds")).to_be_visible()
    await expect(streamer.page.locator(".compose__said")).not_to_be_empty()


async def test_slow_mode_counts_down_once_and_then_lets_the_next_message_through(
    new_person: NewPerson, name: str
) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await streamer.say("/slow 4")
    await expect(chatter.page.get_by_text("Slow mode: one message every 4 seconds")).to_be_visible()

    await chatter.say("one")
    countdown = chatter.page.get_by_text("Slow mode is on. You can chat again in 0:0")
    await expect(countdown).to_be_visible()
    box = chatter.page.get_by_role("textbox", name="Message")
    await box.fill("two")
    await box.press("Enter")

    await expect(chatter.page.get_by_text("can chat again")).to_have_count(1)
    await expect(chatter.page.get_by_role("alert")).to_have_count(0)
    await expect(box).to_have_value("two")
    await expect(countdown).to_have_count(0)
    await box.press("Enter")
    await expect(box).to_have_value("")
    await expect(chatter.chat_lines()).to_have_text(["one", "two"])


async def test_mention_suggestions_do_not_include_the_author(new_person: NewPerson, name: str) -> None:
    streamer, _ = await at_one_channel(new_person, name)
    await streamer.page.get_by_role("button", name="Chat menu").click()
    await streamer.page.get_by_role("menuitem", name="Chatters").click()
    chatters = streamer.page.get_by_role("region", name="Chatters")

    await expect(chatters.get_by_role("button", name=f"Mention {name}-c")).to_be_visible()
    await expect(chatters.get_by_role("button", name=f"Mention {name}", exact=True)).to_have_count(0)


async def test_a_dialog_that_is_left_does_nothing_and_gives_the_focus_back(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await chatter.say("may I stay?")
    dialog, button = streamer.page.get_by_role("dialog"), row(streamer, "may I stay?").get_by_role("button")

    await choose(streamer, "may I stay?", f"Ban {name}-c")
    await expect(dialog.get_by_label("Reason")).to_be_focused()
    await streamer.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    await choose(streamer, "may I stay?", f"Ban {name}-c")
    await expect(dialog).to_be_visible()
    await streamer.page.mouse.click(5, 5)
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    await choose(streamer, "may I stay?", "Delete all messages")
    await dialog.get_by_role("button", name="Cancel").click()

    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    await chatter.say("thank you")
    await expect(chatter.chat_lines()).to_have_text(["may I stay?", "thank you"])


async def test_a_new_moderator_gets_the_menus_without_a_reload(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await chatter.say("may I help?")
    other = await new_person()
    await other.register(f"{name}-o")
    await other.go(f"/c/{name}")
    await other.say("hm")

    await choose(streamer, "may I help?", "Make moderator")
    await streamer.page.get_by_role("dialog").get_by_role("button", name="Make moderator").click()

    await expect(streamer.page.get_by_role("dialog")).to_have_count(0)
    await _may_moderate(chatter)
    await choose(chatter, "hm", "1 min")
    await expect(other.page.get_by_text("You are timed out. You can chat again in 0:")).to_be_visible()
    await expect(other.page.get_by_role("textbox", name="Message")).to_be_disabled()


async def test_a_signed_in_viewer_is_in_the_list_of_chatters(new_person: NewPerson, name: str) -> None:
    streamer, chatter = await at_one_channel(new_person, name)
    await expect(chatter.page.locator("[data-status=open]")).to_be_visible()

    await streamer.page.get_by_role("button", name="Chat menu").click()
    await streamer.page.get_by_role("menuitem", name="Chatters").click()

    await expect(streamer.page.get_by_role("region", name="Chatters").get_by_role("listitem")).to_contain_text(
        [name, f"{name}-c"]
    )


async def test_the_chat_can_be_opened_in_its_own_window(new_person: NewPerson, name: str) -> None:
    streamer, _ = await at_one_channel(new_person, name)
    await streamer.page.get_by_role("button", name="Chat menu").click()

    async with streamer.page.expect_popup() as opening:
        await streamer.page.get_by_role("menuitem", name="Pop out").click()

    alone = Person(streamer.site, streamer.context, await opening.value)
    await alone.say("from the window")
    await expect(streamer.chat_lines()).to_have_text(["from the window"])
    assert await alone.page.title() == f"{name}'s chat · streaming_app"


async def _may_moderate(person: Person) -> None:
    await person.page.get_by_role("button", name="Chat menu").click()
    await expect(person.page.get_by_role("menuitem", name="Moderation")).to_be_visible()
    await person.page.keyboard.press("Escape")
