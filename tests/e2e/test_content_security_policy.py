"""The Content-Security-Policy of the built pages in a real browser. Every browser test fails if a page violates it."""

from functools import reduce
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect
from starlette.responses import HTMLResponse

from streaming_app import streaming_app
from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.conditions import until_async
from tests.rig.ffmpeg import publishing
from tests.rig.log_scan import secrets_in
from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving
from tests.rig.site import Site
from tests.rig.site_store import open_store_of

NOT_FOUND = "404"
RUNS_INJECTED_SCRIPT = """() => {
  const script = document.createElement("script");
  script.textContent = "window.injected = true";
  document.head.append(script);
  return window.injected === true;
}"""
EVALUATES = """() => new Promise((resolve) => setTimeout(() => {
  try { resolve(eval("1 + 1")); } catch (error) { resolve(error.name); }
}))"""
"""Calls ``eval`` after the call of the test has returned, because the policy does not apply to code of the test."""

PASTES = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  if (field.dispatchEvent(event)) { field.focus(); document.execCommand("insertText", false, text); }
}"""
"""Pastes a text, unless a script of the page prevents it."""


def paths(slug: str, recording_id: str) -> list[str]:
    """Return the path of every page of the site, and of one that does not exist."""
    assert streaming_app.app
    registered = streaming_app.app._unevaluated_pages  # pyright: ignore[reportPrivateUsage] - Reflex has no other way
    values = {"[slug]": slug, "[recording_id]": recording_id, "[account]": slug}
    filled = (reduce(lambda path, name: path.replace(name, values[name]), values, page) for page in registered)
    return [f"/{path.removeprefix('index')}" for path in filled if path != NOT_FOUND] + ["/no-such-page"]


def errors_of(page: Page) -> list[str]:
    """Return a list that receives the errors of the scripts of ``page``, and those that the browser reports."""
    errors: list[str] = []

    def add(message: ConsoleMessage) -> None:
        if message.type == "error" and "404 (Not Found)" not in message.text:  # the page that does not exist
            errors.append(f"{page.url}: {message.text}")

    page.on("console", add)
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    return errors


async def recording_of(site: Site, slug: str) -> str:
    """Return the id of the channel's recording, which may just have begun."""
    async with open_store_of(site) as store:
        channel = await store.channels.get_by_slug(slug)

        async def is_recorded() -> bool:
            return await store.recordings.of_channel(channel.channel_id, 1) != []

        await until_async(is_recorded, "the stream was recorded")
        [recording] = await store.recordings.of_channel(channel.channel_id, 1)
        return recording.recording_id


async def visit_all(person: Person, slug: str, recording_id: str) -> None:
    """Open every page, and wait until it is connected to the server."""
    for path in paths(slug, recording_id):
        await person.go(path)
        await expect(person.page.get_by_role("main")).to_be_attached()
        if await person.page.locator("[data-known]").count():
            # the page of an unknown address is mounted twice for a moment on a busy machine, and then once
            await expect(person.page.locator("[data-known=true]")).to_have_count(1)


async def test_no_page_violates_its_policy_or_reports_an_error(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, visitor = await new_person(), await new_person()
    errors = [errors_of(streamer.page), errors_of(visitor.page)]
    await streamer.register(name)
    key = await streamer.stream_key()
    switch = streamer.page.get_by_role("switch", name="Record my streams")
    await switch.click()
    await expect(streamer.page.get_by_text("Your streams will be recorded.")).to_be_visible()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await streamer.sees_video_move()
        await visitor.go(f"/c/{name}")
        await visitor.sees_video_move()
        recording_id = await recording_of(site, name)
        for person in (streamer, visitor):
            await visit_all(person, name, recording_id)
        await streamer.go(f"/c/{name}/r/{recording_id}")
        await expect(streamer.page.locator(".player[data-phase=playing]")).to_be_visible()

    await streamer.go("/studio")
    await expect(streamer.page.locator("[data-stream=offline]")).to_be_visible()
    for person in (streamer, visitor):
        await visit_all(person, name, recording_id)
    assert errors == [[], []]


async def test_the_controls_of_the_pages_work_under_the_policy(new_person: NewPerson, name: str) -> None:
    streamer = await new_person(permissions=["clipboard-read", "clipboard-write"])
    page = streamer.page
    errors = errors_of(page)
    await streamer.register_by_form(name)

    await page.get_by_role("button", name="Switch between light and dark").click()
    await streamer.go("/studio")
    await page.get_by_role("button", name="Copy stream key").click()
    await expect(page.get_by_text("Stream key copied. Keep it secret.")).to_be_visible()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved. Viewers see it now.")).to_be_visible()

    await streamer.go(f"/c/{name}")
    await streamer.say("hello :)")
    await expect(streamer.chat_lines()).to_have_text(["hello :)"])
    await page.get_by_role("button", name="Emoji").click()
    await expect(page.locator("emoji-picker")).to_be_visible()
    await page.keyboard.press("Escape")

    await streamer.go(f"/c/{name}/moderation")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("region", name="Notifications").get_by_role("listitem")).to_be_visible()
    await streamer.sign_out()
    await streamer.go("/login")
    await streamer.sign_in(name, "wrong password")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert errors == []


@pytest.mark.parametrize("path", ["/", "/login", "/no-such-page"])
async def test_injected_scripts_and_eval_do_not_run(site: Site, browser: Browser, path: str) -> None:
    page = await browser.new_page()
    await page.goto(site.url + path)

    assert not await page.evaluate(RUNS_INJECTED_SCRIPT)
    assert await page.evaluate(EVALUATES) == "EvalError"


async def test_other_sites_can_frame_the_overlay_but_no_other_page(
    site: Site, browser: Browser, new_person: NewPerson, name: str
) -> None:
    await (await new_person()).register(name)
    frames = "".join(f'<iframe src="{site.url}/c/{name}{page}"></iframe>' for page in ("/overlay", "/chat"))
    page, port = await browser.new_page(), free_port()

    async with serving(HTMLResponse(frames), port):
        await page.goto(f"http://{HOST}:{port}")
        _, overlay, chat = page.frames
        await expect(page.frame_locator("iframe >> nth=0").get_by_role("main", name="Chat")).to_be_attached()

    assert overlay.url == f"{site.url}/c/{name}/overlay"
    assert chat.url.startswith("chrome-error://")


async def test_other_origins_may_not_read_answers(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        for origin in ("https://evil.test", "http://localhost:3000", "null"):
            for path in ("/", "/api/users/me", "/api/v1/me", "/api/auth/session", "/login"):
                for method in ("GET", "OPTIONS"):
                    answer = await client.request(
                        method, path, headers={"origin": origin, "access-control-request-method": "POST"}
                    )
                    assert "access-control-allow-origin" not in answer.headers, (origin, path)


async def test_browser_storage_has_no_secrets(new_person: NewPerson, name: str) -> None:
    streamer = await new_person()
    await streamer.register_by_form(name)
    key = await streamer.stream_key()

    stored = str(await streamer.page.evaluate("[{ ...localStorage }, { ...sessionStorage }, document.cookie]"))

    assert key.partition("?key=")[2] not in stored
    assert f"{name}@example.com" not in stored
    assert not list(secrets_in(stored))


@pytest.mark.parametrize(("path", "kinds"), [("/login", ["current-password"]), ("/register", ["new-password"])])
async def test_password_fields_are_masked_and_work_with_password_managers(
    site: Site, browser: Browser, path: str, kinds: list[str]
) -> None:
    page = await browser.new_page()
    await page.goto(site.url + path)

    fields = page.locator("input[type=password]:not([inert] *)")
    await expect(fields).to_have_count(len(kinds))
    assert [await field.get_attribute("autocomplete") for field in await fields.all()] == kinds
    await fields.first.evaluate(PASTES, PASSWORD)
    await expect(fields.first).to_have_value(PASSWORD)
