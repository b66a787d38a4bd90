"""Users who are faster than the state of the page: their text stays in its field, and links lead where they should.

The last test asks to stream, because the site of this file approves streamers.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocketRoute, expect
from pyotp.totp import TOTP

from streaming_app.backend.bootstrap import now
from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.conditions import until
from tests.rig.ffmpeg import publishing
from tests.rig.mail_server import MailServer, link_in
from tests.rig.oidc_provider import running_oidc_provider
from tests.rig.site import Site, operate, running_site
from tests.rig.site_accounts import promote

USERS = ({"sub": "nora", "email": "nora@example.com", "email_verified": False},)
FIELDS = (
    "input:not([type=radio], [type=checkbox], [type=file], [type=hidden], [type=range], [hidden], [readonly]):visible,"
    " textarea:not([readonly]):visible"
)
RENDERED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Resolves when the page has shown what React rendered."""
TYPED = "a@example.com"
PING = "2"
"""A message of Engine.IO that keeps the connection open."""


class SlowEvents:
    """The event websocket of one page, whose messages from the server pass one by one. Call ``of`` to create it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        self.is_complete = False
        """Whether the page has received its whole state."""

    @classmethod
    async def of(cls, page: Page) -> "SlowEvents":
        """Route the page's websocket through the proxy. Must be called before the page is opened."""
        socket = cls()
        await page.route_web_socket("**/_event/*", socket._connected)
        return socket

    async def pass_on(self) -> None:
        """Wait for the next message, and pass it on."""
        await until(lambda: bool(self._waiting), "the server sent a message")
        page, message = self._waiting.pop(0)
        page.send(message)
        self.is_complete = self.is_complete or '"is_hydrated_rx_state_":true' in str(message)

    def _connected(self, page: WebSocketRoute) -> None:
        self._waiting, self.is_complete = [], False
        page.connect_to_server().on_message(
            lambda message: page.send(message) if message == PING else self._waiting.append((page, message))
        )


async def type_early(page: Page, typed: set[str]) -> None:
    """Type in each visible field that is not in ``typed``, and add its id, or else its name."""
    for field in await page.locator("main").locator(FIELDS).all():
        name = str(await field.get_attribute("id") or await field.get_attribute("name"))
        if name not in typed:
            await field.fill(TYPED)
            typed.add(name)


async def keeps_what_is_typed_early(person: Person, path: str, fields: str) -> None:
    """Open a page, type while its state arrives, and check that the text in all ``fields`` is still there."""
    page = await person.context.new_page()
    socket, typed = await SlowEvents.of(page), set[str]()
    await page.goto(path if path.startswith("http") else person.url + path)
    await type_early(page, typed)
    while not (socket.is_complete and typed):
        await socket.pass_on()
        await page.evaluate(RENDERED)
        await type_early(page, typed)
    for name in typed:
        await expect(page.locator(f":is([id='{name}'], [name='{name}']):visible"), f"{name} on {path}").to_have_value(
            TYPED
        )
    assert typed >= set(fields.split()), path
    await page.close()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    site_ports: dict[str, int],
    mail_server: MailServer,
    mail_settings: dict[str, str],
) -> Iterator[Site]:
    """A site that sends mail, has a provider, and approves streamers."""
    with running_oidc_provider(tmp_path_factory.mktemp("oidc"), *USERS) as issuer:
        work = {"id": "work", "name": "Work", "issuer": issuer, "client_id": "site", "client_secret": "secret"}
        settings = {**mail_settings, "OIDC_PROVIDERS": json.dumps([work]), "STREAMING": "request"}
        with running_site(tmp_path_factory.mktemp("early"), site_ports, settings) as site:
            site.mail_server = mail_server
            yield site


async def start_with_provider(person: Person) -> None:
    """Sign in with a new account of the provider; ends on the page that asks for a username."""
    await person.go("/login")
    await person.page.get_by_role("link", name="Continue with Work").click()
    await person.page.get_by_role("button", name="nora", exact=True).click()
    await expect(person.page.get_by_role("heading", name="Choose your username")).to_be_visible()


async def test_the_forms_of_visitors_keep_what_is_typed_early(
    site: Site, mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    visitor, owner = await new_person(), await new_person()
    await owner.register(name)
    reset = operate(site.environment, "admin", "reset-link", name).splitlines()[0]
    await visitor.go("/register")
    await visitor.page.get_by_label("Username", exact=True).fill(f"{name}-new")
    await visitor.page.get_by_label("Email").fill(f"{name}-new@example.com")
    await visitor.page.get_by_role("button", name="Continue").click()
    finish = link_in(await mail_server.mail_to(f"{name}-new@example.com"))

    for path, fields in (
        ("/login", "login password"),
        ("/register", "username email"),
        ("/forgot-password", "email"),
        (reset[reset.index("/reset-password") :], "password"),
        (finish, "username password"),
    ):
        await keeps_what_is_typed_early(visitor, path, fields)
    await start_with_provider(visitor)
    await keeps_what_is_typed_early(visitor, "/login/finish", "username email")


async def test_the_forms_of_users_keep_what_is_typed_early(site: Site, new_person: NewPerson, name: str) -> None:
    user = await new_person()
    await user.register(name)
    await promote(site, name)
    other = await new_person()
    await other.register(f"{name}-other")

    for path, fields in (
        ("/settings/profile", "name"),
        ("/settings/email", "email"),
        ("/settings/security", "current_password password"),
        ("/settings/security/authenticator-app", "code"),
        ("/settings/tokens", "name"),
        ("/settings/data", "username"),
        ("/confirm", "password"),
        (f"/c/{name}-other/report", "text"),
        (f"/c/{name}/moderation", "moderator slow_seconds blocked_terms allowed_hosts"),
        ("/admin", "text"),
        (f"/admin/users/{name}-other", "reason"),
        ("/admin/streamers", "username"),
        ("/admin/invitations", "note uses"),
        ("/admin/log", "name"),
    ):
        await keeps_what_is_typed_early(user, path, fields)
    await keeps_what_is_typed_early(other, "/studio", "title category about emote-name")


async def test_the_form_of_a_user_without_a_password_keeps_what_is_typed_early(
    new_person: NewPerson, name: str
) -> None:
    user = await new_person()
    await start_with_provider(user)
    await user.page.get_by_role("textbox", name="Username").fill(name)
    await user.page.get_by_label("Email").fill(f"{name}@example.com")
    await user.page.get_by_role("button", name="Create account").click()
    await expect(user.account_menu()).to_be_visible()

    await keeps_what_is_typed_early(user, "/settings/security", "password")


async def test_the_form_of_the_second_step_keeps_what_is_typed_early(new_person: NewPerson, name: str) -> None:
    user = await new_person()
    await user.register(name)
    await user.go("/settings/security/authenticator-app")
    key = user.page.get_by_label("Setup key", exact=True)
    await expect(key).not_to_have_value("")
    app = TOTP((await key.input_value()).replace(" ", ""))
    await user.page.get_by_label("6-digit code").fill(app.at(now()))
    await user.page.get_by_role("button", name="Turn on").click()
    await expect(user.page.get_by_text("Two-step sign-in is on.")).to_be_visible()
    await user.sign_out()
    await user.go("/login")
    await user.sign_in(name, PASSWORD)
    await expect(user.page.get_by_text(f"You are signing in as {name}.")).to_be_visible()

    await keeps_what_is_typed_early(user, user.page.url, "code")


@pytest.mark.parametrize("missing", ["no file", "**/assets/**/*.js"], ids=["without the state", "before the app loads"])
async def test_a_link_to_the_other_form_keeps_the_page_to_return_to(new_person: NewPerson, missing: str) -> None:
    person = await new_person()
    await SlowEvents.of(person.page)
    await person.page.route(missing, lambda route: route.abort())
    await person.go("/login?next=/c/ann?follow=1&problem=denied")

    for form, link in (("register", "Sign up"), ("login", "Sign in")):
        await person.page.get_by_role("main").get_by_role("link", name=link).click()
        await expect(person.page).to_have_url(f"{person.site.url}/{form}?next=%2Fc%2Fann%3Ffollow%3D1")


async def test_an_encoder_is_accepted_once_staff_approved_the_user(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    admin, streamer = await new_person(), await new_person()
    await admin.register(f"{name}-boss")
    await promote(site, f"{name}-boss")
    await streamer.register(name)
    key = await streamer.stream_key()
    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await expect(streamer.page.get_by_text("You need an approval to stream on this site.")).to_be_visible()

    await streamer.page.get_by_role("button", name="Send request").click()
    await expect(streamer.page.get_by_text("Write what you want to stream.")).to_be_visible()
    await expect(streamer.page.get_by_label("What do you want to stream?")).to_be_focused()
    await streamer.page.get_by_label("What do you want to stream?").fill("chess lessons")
    await streamer.page.get_by_role("button", name="Send request").click()
    await expect(streamer.page.get_by_text("Your request is waiting")).to_be_visible()
    await admin.go("/admin/streamers")
    await admin.page.get_by_role("button", name=f"Approve {name}").click()
    await expect(admin.page.get_by_role("button", name=f"Revoke {name}")).to_be_visible()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await admin.go(f"/c/{name}")
        await expect(admin.stream_badge()).to_have_text("LIVE")
