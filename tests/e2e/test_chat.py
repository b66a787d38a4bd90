"""Chat, as people meet it: before a stream, too long, and on one channel after another."""

from playwright.async_api import WebSocketRoute, expect

from tests.e2e.conftest import NewPerson


async def test_chat_goes_on_without_a_stream_and_is_for_everyone_to_read(new_person: NewPerson, name: str) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    await reader.go(f"/c/{name}")

    await talker.say("<b>nobody</b> is on the air yet")

    await expect(reader.chat_lines()).to_have_text(["<b>nobody</b> is on the air yet"])
    await expect(reader.page.get_by_role("textbox", name="Message")).to_have_count(0)
    await expect(reader.page.get_by_role("link", name="Sign in to chat")).to_be_visible()


async def test_a_refused_message_says_why_and_is_kept(new_person: NewPerson, name: str) -> None:
    talker = await new_person()
    await talker.register(name)
    await talker.go(f"/c/{name}")
    box = talker.page.get_by_role("textbox", name="Message")

    await box.fill("x" * 501)
    await box.press("Enter")
    await expect(talker.page.get_by_role("alert")).to_contain_text("1 character too long")
    await expect(box).to_have_value("x" * 501)
    await box.fill("x" * 500)
    await box.press("Enter")

    await expect(talker.chat_lines()).to_have_text(["x" * 500])
    await expect(box).to_have_value("")


async def test_what_is_sent_before_the_page_knows_its_channel_is_said_when_it_does(
    new_person: NewPerson, name: str
) -> None:
    talker, reader = await new_person(), await new_person()
    await talker.register(name)
    await reader.go(f"/c/{name}")
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

    await talker.page.route_web_socket("**/_event/*", connected)
    await talker.go(f"/c/{name}")
    box = talker.page.get_by_role("textbox", name="Message")

    await box.fill("first!")
    await box.press("Enter")
    await expect(talker.page.get_by_role("button", name="Send")).to_have_attribute("aria-busy", "true")
    while held:
        pages[-1].send(held.pop(0))

    await expect(reader.chat_lines()).to_have_text(["first!"])
    await expect(box).to_have_value("")


async def test_each_channel_shows_its_own_chat_however_one_gets_there(new_person: NewPerson, name: str) -> None:
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
