"""The chat pane with a feed under the test's control: many messages at once, deletions, replies, a pinned message."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from PIL import Image
from playwright.async_api import Page, WebSocketRoute, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.conditions import until

DRAWN_MAX = 80
"""Maximum number of lines in the page: more than a screen shows, and far fewer than the pane keeps."""

SCROLLS_UP_TO = """(text) => {
  document.querySelector(".chat__log").scrollTop = 0;
  return document.querySelector(".chat__text").textContent === text;
}"""

SCROLLS_UP_AND_RENDERS = """(log) => {
  log.scrollTop = 100;
  document.querySelector("button[aria-label='Chat menu']").click();
}"""
"""The click changes the chat's state, which React renders at once. The browser sends the scroll event later."""

_positions = count(1876549632000000001)


class Feed:
    """The feed of a channel, as the test sends it to one page."""

    def __init__(self, socket: WebSocketRoute) -> None:
        self._socket = socket

    def say(self, kind: str, **fields: object) -> None:
        self._socket.send(json.dumps({"type": kind, **fields}))


async def feed_of(person: Person, path: str, *messages: dict[str, object], **channel: object) -> Feed:
    """Open the page at ``path``, and replace the feed of its channel by the test's own."""
    feeds: list[Feed] = []

    def connected(socket: WebSocketRoute) -> None:
        feeds.append(Feed(socket))
        about = {"state": "offline", "viewers": 1, **channel}
        feeds[-1].say("welcome", channel=about, messages=messages, resumed=False)

    await person.page.route_web_socket("**/feed/*", connected)
    await person.go(path)
    await expect(person.page.locator("[data-status=open], .overlay")).to_be_visible()
    await until(lambda: bool(feeds), "the page opened its feed")
    return feeds[-1]


def line(name: str, text: str, **more: object) -> dict[str, object]:
    """Return a message with a position after all previous ones."""
    position = next(_positions)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"id": f"m{position}", "cursor": str(position), "name": name, "text": text, "at": at, **more}


async def new_reader(new_person: NewPerson, name: str) -> Person:
    """Register a user with a channel."""
    person = await new_person()
    await person.register(name)
    return person


async def test_only_the_newest_lines_are_rendered_until_the_viewer_scrolls_up(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    feed = await feed_of(reader, f"/c/{name}")
    log = reader.page.get_by_role("log")

    for batch in range(40):
        feed.say("messages", messages=[line("ben", f"line {batch * 50 + number}") for number in range(50)])

    await expect(reader.chat_lines().last).to_have_text("line 1999")
    assert await reader.chat_lines().count() < DRAWN_MAX
    await reader.page.wait_for_function(SCROLLS_UP_TO, arg="line 0")
    await log.focus()
    await reader.page.keyboard.press("End")
    await expect(reader.chat_lines().last).to_be_in_viewport()
    assert await reader.chat_lines().count() < DRAWN_MAX


async def test_older_lines_are_added_without_moving_the_visible_ones(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", *[line("ben", f"line {number}") for number in range(300)])
    await expect(reader.chat_lines().last).to_have_text("line 299")
    log, count_before = reader.page.get_by_role("log"), await reader.chat_lines().count()
    visible = reader.page.locator(".chat__row", has_text=await reader.chat_lines().nth(5).inner_text())

    place = await visible.evaluate("(row) => (row.parentElement.scrollTop = 100, row.getBoundingClientRect().top)")

    await expect(reader.chat_lines()).not_to_have_count(count_before)
    assert abs(await visible.evaluate("(row) => row.getBoundingClientRect().top") - place) < 1
    await expect(log).to_have_attribute("data-following", "false")


async def test_scrolling_up_pauses_the_chat_and_counts_new_messages(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    feed = await feed_of(reader, f"/c/{name}", *[line("ben", f"line {number}") for number in range(100)])
    await expect(reader.chat_lines().last).to_be_in_viewport()
    await reader.page.get_by_role("log").hover()
    await reader.page.mouse.wheel(0, -400)
    more = reader.page.get_by_role("button", name="new message")
    await expect(reader.chat_lines().filter(has_text="line 99")).not_to_be_in_viewport()

    feed.say("messages", messages=[line("ben", "one"), line("ben", "two")])

    await expect(more).to_have_text("2 new messages ↓")
    await expect(reader.chat_lines().filter(has_text="two")).not_to_be_in_viewport()
    await more.click()
    await expect(reader.chat_lines().filter(has_text="two")).to_be_in_viewport()
    await expect(more).to_have_count(0)


async def test_scrolling_up_counts_even_if_the_list_is_rendered_before_the_scroll_event(
    new_person: NewPerson, name: str
) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", *[line("ben", f"line {number}") for number in range(100)])
    await expect(reader.chat_lines().last).to_be_in_viewport()
    log = reader.page.get_by_role("log")

    await log.evaluate(SCROLLS_UP_AND_RENDERS)

    await expect(log).to_have_attribute("data-following", "false")
    await expect(reader.chat_lines().last).not_to_be_in_viewport()


async def test_deleted_lines_lose_their_text_and_get_it_back_when_restored(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    first, second, other = line("troll", "spam"), line("troll", "more spam"), line("ben", "hm")
    feed = await feed_of(reader, f"/c/{name}", first, second, other)

    feed.say("deleted", name="troll", until=other["cursor"])

    await expect(reader.page.get_by_text("Message deleted")).to_have_count(2)
    await expect(reader.chat_lines()).to_have_text(["hm"])
    feed.say("restored", messages=[first])
    await expect(reader.chat_lines()).to_have_text(["spam", "hm"])


async def test_a_message_shows_links_emoji_and_mentions_and_escapes_markup(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", line("ben", f"<i>@{name}</i> :tada: javascript:x https://a.test/b."))
    row = reader.page.locator(".chat__row")

    await expect(row.locator(".chat__text")).to_have_text(f"<i>@{name}</i> 🎉 javascript:x https://a.test/b.")
    await expect(row).to_have_attribute("data-for-me", "true")
    [link] = await row.get_by_role("link").all()
    assert await link.get_attribute("href") == "https://a.test/b"
    assert await link.get_attribute("rel") == "noopener nofollow ugc"


async def test_a_reply_links_to_the_message_it_quotes(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    original = line("ada", "who is first?", role="moderator")
    answer = line("ben", "me", reply={"id": original["id"], "name": "ada", "text": "who is first?"})
    await feed_of(
        reader, f"/c/{name}", original, *[line("cy", f"{number}") for number in range(200)], answer, pinned=original
    )
    await expect(reader.page.get_by_role("region", name="Pinned message")).to_contain_text("who is first?")

    await reader.page.get_by_role("button", name="@ada who is first?").click()

    found = reader.page.locator(f"[data-message={original['id']}]")
    await expect(found).to_be_in_viewport()
    await expect(found.get_by_role("img", name="Moderator")).to_be_visible()


async def test_the_menu_of_a_message_works_by_keyboard_and_muting_hides_a_user(
    new_person: NewPerson, name: str
) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", line("ada", "hello"), line("ben", "well"))
    page = reader.page
    await page.get_by_role("log").focus()

    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Mute ada").press("Enter")

    await expect(reader.chat_lines()).to_have_text(["well"])
    await _choose(page, "Muted people (1)")
    await page.get_by_role("button", name="Unmute ada").click()
    await page.get_by_role("button", name="Close").click()
    await expect(reader.chat_lines()).to_have_text(["hello", "well"])


async def test_a_long_press_on_a_message_opens_its_menu_and_selects_nothing(new_person: NewPerson, name: str) -> None:
    reader = await new_person(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    await reader.register(name)
    await feed_of(reader, f"/c/{name}", line("ada", "hello"))
    place = await reader.chat_lines().bounding_box()
    assert place is not None
    finger = await reader.context.new_cdp_session(reader.page)

    touched = [{"x": place["x"] + 5, "y": place["y"] + 5}]
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touched})
    menu = reader.page.get_by_role("menu")
    await expect(menu).to_be_visible()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    await menu.get_by_role("menuitem", name="Reply").tap()
    await expect(reader.page.get_by_text("Replying to ada")).to_be_visible()


async def test_names_and_emoji_are_completed_by_keyboard(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", line("adalbert", "hello"))
    box = reader.page.get_by_role("textbox", name="Message")

    await box.press_sequentially("hi @ada")
    await expect(reader.page.get_by_role("option", name="adalbert")).to_be_visible()
    await box.press("Enter")
    await box.press_sequentially(":tada")
    await expect(reader.page.get_by_role("option", name=":tada:")).to_be_visible()
    await box.press("Tab")

    await expect(box).to_have_value("hi @adalbert 🎉 ")


async def test_names_are_completed_in_commands_that_take_a_name(new_person: NewPerson, name: str) -> None:
    streamer = await new_reader(new_person, name)
    await feed_of(streamer, f"/c/{name}", line("adalbert", "hello"))
    box, offer = (
        streamer.page.get_by_role("textbox", name="Message"),
        streamer.page.get_by_role("option", name="adalbert"),
    )

    await box.press_sequentially("/delete ada")
    await expect(streamer.page.locator(".compose__said")).to_contain_text("/delete [reason]")
    await expect(offer).to_have_count(0)
    await box.fill("")
    await box.press_sequentially("/ban ada")
    await expect(offer).to_be_visible()
    await box.press("Enter")

    await expect(box).to_have_value("/ban adalbert ")


async def test_a_searched_emoji_is_inserted_at_the_cursor(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}")
    page, box = reader.page, reader.page.get_by_role("textbox", name="Message")
    await box.fill("well done ")

    emoji, panel = page.get_by_role("button", name="Emoji"), page.get_by_role("dialog", name="Emoji")
    await emoji.click()
    await expect(panel.get_by_role("combobox")).to_be_focused()
    await emoji.press("Escape")
    await expect(panel).to_have_count(0)
    await emoji.click()
    await panel.get_by_role("combobox").fill("party popper")
    await panel.get_by_role("option", name="party popper").click()
    await expect(box).to_have_value("well done 🎉 ")
    await page.keyboard.press("Escape")

    await expect(panel).to_have_count(0)
    await expect(box).to_be_focused()


async def test_enter_in_the_search_picks_the_first_emoji(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}")
    page, box = reader.page, reader.page.get_by_role("textbox", name="Message")

    await page.get_by_role("button", name="Emoji").click()
    search = page.get_by_role("dialog", name="Emoji").get_by_role("combobox")
    await search.fill("party popper")
    await search.press("Enter")

    await expect(box).to_have_value("🎉 ")


async def test_an_error_disappears_when_its_text_is_edited(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}")
    box, error = reader.page.get_by_role("textbox", name="Message"), reader.page.get_by_role("alert")

    await box.fill("/nonsense help")
    await box.press("Enter")
    await expect(error).to_have_text("Unknown command /nonsense. Type /help for a list; start with // to send a slash.")
    await expect(box).to_have_attribute("aria-invalid", "true")
    await box.fill("")

    await expect(error).to_have_count(0)
    await expect(box).to_have_attribute("aria-invalid", "false")
    await box.fill("/ban")
    await box.press("Enter")
    await expect(error).to_have_text("Enter a name. Usage: /ban name [reason]")


async def test_help_opens_a_list_of_commands_that_escape_closes(new_person: NewPerson, name: str) -> None:
    streamer = await new_reader(new_person, name)
    await feed_of(streamer, f"/c/{name}", line("ben", "hello"))
    page, box = streamer.page, streamer.page.get_by_role("textbox", name="Message")
    panel = page.get_by_role("region", name="Chat commands")

    await box.fill("/help ")
    await box.press("Enter")

    await expect(panel).to_contain_text("/timeout name")
    await expect(box).to_have_value("")
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(box).to_be_focused()
    await _choose(page, "Commands")
    await panel.get_by_role("button", name="Close").click()
    await expect(panel).to_have_count(0)


async def test_the_list_of_suggestions_stays_within_the_chat(new_person: NewPerson, name: str) -> None:
    streamer = await new_person(viewport={"width": 390, "height": 700})
    await streamer.register(name)
    await feed_of(streamer, f"/c/{name}")
    page = streamer.page

    await page.get_by_role("textbox", name="Message").press_sequentially("/")
    await expect(page.get_by_role("option", name="/help")).to_be_visible()

    listbox, head = await page.get_by_role("listbox").bounding_box(), await page.locator(".chat__head").bounding_box()
    assert listbox is not None
    assert head is not None
    assert listbox["y"] >= head["y"] + head["height"]


async def test_a_long_pinned_message_takes_two_lines_until_it_is_expanded(new_person: NewPerson, name: str) -> None:
    reader = await new_person(viewport={"width": 390, "height": 844})
    await reader.register(name)
    pinned = line("ada", "Rules of this chat, which everybody should read. " * 12)
    feed = await feed_of(reader, f"/c/{name}", line("ben", "hello"), pinned=pinned)
    page, pin = reader.page, reader.page.get_by_role("region", name="Pinned message")
    text = pin.get_by_role("group")
    height = "(element) => element.clientHeight / parseFloat(getComputedStyle(element).lineHeight)"

    assert round(await text.evaluate(height)) == 2
    assert await text.get_attribute("tabindex") is None
    await pin.get_by_role("button", name="Expand pinned message").click()

    assert await text.evaluate(height) > 4
    await expect(text).to_have_attribute("tabindex", "0")
    await pin.get_by_role("button", name="Collapse pinned message").click()
    assert round(await text.evaluate(height)) == 2
    feed.say("pinned", message=line("ada", "Be kind."))
    await expect(pin).to_contain_text("Be kind.")
    await expect(pin.get_by_role("button", name="Expand pinned message")).to_have_count(0)
    await expect(page.get_by_role("log")).to_contain_text("hello")


async def test_messages_from_before_the_stream_are_separated_and_arrow_keys_move_past_the_dividers(
    new_person: NewPerson, name: str
) -> None:
    reader = await new_reader(new_person, name)
    now = datetime.now(UTC)
    old = line("ben", "bye", at=(now - timedelta(days=3)).isoformat())
    stream = {"state": "live", "stream_id": "s1", "title": "t", "category": "", "started_at": now.isoformat()}
    feed = await feed_of(reader, f"/c/{name}", old, **stream)
    dividers = reader.page.locator(".chat__divider")
    await expect(dividers).to_have_text(
        [re.compile(r"^Before this stream · .+ \d+$"), re.compile("^Stream started .+")]
    )

    feed.say("messages", messages=[line("ben", "hello again")])

    rows = reader.page.locator(".chat__row")
    shown = ["Before this stream", "bye", "Today · Stream started", "hello again"]
    await expect(rows).to_contain_text(shown)
    await reader.page.get_by_role("log").focus()
    for words in reversed(shown):
        await reader.page.keyboard.press("ArrowUp")
        await expect(reader.page.locator(".chat__row:focus")).to_contain_text(words)


async def test_signed_out_visitors_see_a_sign_in_link_instead_of_the_message_box(
    new_person: NewPerson, name: str
) -> None:
    owner, visitor = await new_reader(new_person, name), await new_person()
    await owner.go("/studio")
    await expect(owner.page.get_by_text("Be the first to say something.")).to_be_visible()

    await feed_of(visitor, f"/c/{name}")

    await expect(visitor.page.get_by_text("No messages yet")).to_be_visible()
    await expect(visitor.page.get_by_text("Be the first")).to_have_count(0)
    await expect(visitor.page.get_by_role("link", name="Sign in to chat")).to_be_visible()


async def test_lines_of_an_overlay_fade_if_its_url_says_so(new_person: NewPerson, name: str) -> None:
    streamer = await new_person()
    await streamer.register(name)
    feed = await feed_of(streamer, f"/c/{name}/overlay?fade=1")
    lines = streamer.page.locator(".overlay .chat__text")

    feed.say("messages", messages=[line("ben", "hello")])

    await expect(lines).to_have_text(["hello"])
    await expect(lines).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_overlay_has_a_transparent_background(new_person: NewPerson, name: str, scheme: str) -> None:
    streamer = await new_person(color_scheme=scheme)
    await streamer.register(name)
    feed = await feed_of(streamer, f"/c/{name}/overlay?size=40", line("ben", "hello"), line("cy", "spam"))
    lines = streamer.page.locator(".overlay .chat__text")
    await expect(lines).to_have_text(["hello", "spam"])

    feed.say("deleted", name="cy", until="9999999999999999999")

    await expect(lines).to_have_text(["hello"])
    assert await lines.first.evaluate("(text) => getComputedStyle(text).fontSize") == "40px"
    picture = Image.open(BytesIO(await streamer.page.screenshot(omit_background=True)))
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


async def _choose(page: Page, item: str) -> None:
    await page.get_by_role("button", name="Chat menu").click()
    await page.get_by_role("menu", name="Chat").get_by_text(item, exact=True).click()


async def test_the_text_of_a_line_does_not_overlap_other_lines(new_person: NewPerson, name: str) -> None:
    streamer = await new_person()
    await streamer.register(name)
    await streamer.go(f"/c/{name}")
    for text in ("read me", "high"):
        await streamer.say(text)
    await expect(streamer.chat_lines()).to_have_count(2)
    above = streamer.page.locator(".chat__row").filter(has_text="read me")
    await streamer.page.mouse.move(0, 0)
    before = await above.screenshot()

    # the height of stacked accents depends on the installed fonts, but a shadow has the same height everywhere
    await streamer.page.add_style_tag(content=".chat__row:last-child .chat__text { text-shadow: 0 -2em red }")

    assert await streamer.page.get_by_text("high").evaluate("(text) => getComputedStyle(text).textShadow") != "none"
    assert await above.screenshot() == before


async def test_open_menus_of_a_chat_are_closed_after_leaving_and_returning(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", line("ada", "hello"))
    page = reader.page
    await page.locator(".chat__row").hover()
    await page.get_by_role("button", name="Menu of ada's message").click()
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(page.get_by_text("Replying to ada")).to_be_visible()
    await _choose(page, "Commands")
    await expect(page.get_by_role("region", name="Chat commands")).to_be_visible()

    await page.get_by_role("link", name="streaming_app, home").click()
    await expect(page.get_by_role("region", name="Chat", exact=True)).to_have_count(0)
    await page.go_back()

    await expect(reader.chat_lines()).to_have_text(["hello"])
    await expect(page.get_by_text("Replying to ada")).to_have_count(0)
    await expect(page.get_by_role("region", name="Chat commands")).to_have_count(0)


async def test_the_time_of_a_message_does_not_wrap_before_a_long_word(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    await feed_of(reader, f"/c/{name}", line("ada", "https://example.com/" + "long/" * 20))

    await _choose(reader.page, "Timestamps")

    time = reader.page.locator(".chat__time")
    await expect(time).to_be_visible()
    assert await time.evaluate("(time) => time.getClientRects().length") == 1


async def test_new_messages_are_announced_to_screen_readers(new_person: NewPerson, name: str) -> None:
    reader = await new_reader(new_person, name)
    feed = await feed_of(reader, f"/c/{name}", line("ben", "earlier"))

    feed.say("messages", messages=[line("eve", word) for word in ("one", "two", "three")])

    announced = reader.page.get_by_role("region", name="Chat", exact=True).locator("[aria-live=polite]")
    await expect(announced).to_have_text("1 more message. eve: two eve: three")
