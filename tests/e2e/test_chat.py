"""Chat in a browser: without a stream, with refused messages, and on several channels one after another."""

from collections.abc import Callable

from playwright.async_api import WebSocketRoute, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.conditions import until


async def test_chat_works_without_a_stream_and_is_public(new_person: NewPerson, name: str) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    await reader.go(f"/c/{name}")

    await talker.say("<b>nobody</b> is on the air yet")

    await expect(reader.chat_lines()).to_have_text(["<b>nobody</b> is on the air yet"])
    await expect(reader.page.get_by_role("textbox", name="Message")).to_have_count(0)
    await expect(reader.page.get_by_role("link", name="Sign in to chat")).to_be_visible()


async def test_a_refused_message_shows_the_reason_and_stays_in_the_box(new_person: NewPerson, name: str) -> None:
    talker = await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    box = talker.page.get_by_role("textbox", name="Message")

    await box.fill("x" * 501)
    await box.press("Enter")
    await expect(talker.page.get_by_role("alert")).to_contain_text("1 character too long")
    await expect(talker.page.get_by_text("501 / 500")).to_be_visible()
    await expect(box).to_have_value("x" * 501)
    await box.fill("x" * 500)
    await box.press("Enter")

    await expect(talker.chat_lines()).to_have_text(["x" * 500])
    await expect(box).to_have_value("")
    await expect(talker.page.get_by_role("button", name="Send")).to_be_disabled()


async def test_a_message_sent_before_the_page_knows_its_channel_is_posted_later(
    new_person: NewPerson, name: str
) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await reader.go(f"/c/{name}")
    tell = await open_without_its_channel(talker, name)
    box = talker.page.get_by_role("textbox", name="Message")

    await box.fill("first!")
    await box.press("Enter")
    await expect(talker.page.get_by_role("button", name="Send")).to_have_attribute("aria-busy", "true")
    tell()

    await expect(reader.chat_lines()).to_have_text(["first!"])
    await expect(box).to_have_value("")


async def test_links_that_need_the_channel_are_disabled_until_it_is_known(new_person: NewPerson, name: str) -> None:
    streamer, visitor = await new_person(), await new_person()
    await streamer.register(name)
    tell = await open_without_its_channel(visitor, name)
    menu, door = visitor.page.get_by_role("button", name="Chat menu"), visitor.page.get_by_text("Sign in to chat")

    await expect(menu).to_be_disabled()
    await expect(door).to_be_hidden()
    tell()

    await expect(menu).to_be_enabled()
    await expect(door).to_be_visible()


async def open_without_its_channel(person: Person, name: str) -> Callable[[], None]:
    """Open a watch page whose channel data is held back. Returns a function that delivers the data."""
    held: list[str | bytes] = []
    pages: list[WebSocketRoute] = []

    def connected(page: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if held or '"feed":"/feed/' in str(message):
                held.append(message)
            else:
                page.send(message)

        page.connect_to_server().on_message(pass_on)
        pages.append(page)

    def tell() -> None:
        while held:
            pages[-1].send(held.pop(0))

    await person.page.route_web_socket("**/_event/*", connected)
    await person.go(f"/c/{name}")
    await until(lambda: bool(held), "the page was to hear of its channel")
    return tell


async def test_each_channel_shows_its_own_chat_after_any_navigation(new_person: NewPerson, name: str) -> None:
    ann, ben, viewer = await new_person(), await new_person(), await new_person()
    for person, slug in ((ann, name), (ben, f"{name}-b")):
        await person.register(slug)
        await person.go(f"/c/{slug}")
        await person.say(f"this is {slug}")

    await viewer.go(f"/c/{name}")
    await expect(viewer.chat_lines()).to_have_text([f"this is {name}"])
    await viewer.page.get_by_role("link", name="streaming_app, home").click()
    await expect(viewer.page.get_by_role("heading", name="Live now")).to_be_visible()
    await viewer.go(f"/c/{name}-b")
    await expect(viewer.chat_lines()).to_have_text([f"this is {name}-b"])
    await viewer.page.go_back()
    await viewer.page.go_back()

    await expect(viewer.chat_lines()).to_have_text([f"this is {name}"])


async def test_the_chat_says_that_the_connection_is_lost_until_it_is_back(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    is_lost = False
    feeds: list[WebSocketRoute] = []

    async def connect(feed: WebSocketRoute) -> None:
        if is_lost:
            await feed.close()
            return
        feed.connect_to_server()
        feeds.append(feed)

    await viewer.page.route_web_socket("**/feed/*", connect)
    await viewer.go(f"/c/{name}")
    lost = viewer.page.get_by_text("Connection lost. Reconnecting…")
    await streamer.go(f"/c/{name}")
    await streamer.say("before")
    await expect(viewer.chat_lines()).to_have_text(["before"])
    await expect(lost).to_have_count(0)

    is_lost = True
    await feeds[-1].close()
    await expect(lost).to_be_visible()
    await streamer.say("meanwhile")
    is_lost = False

    await expect(viewer.chat_lines()).to_have_text(["before", "meanwhile"])
    await expect(lost).to_have_count(0)
