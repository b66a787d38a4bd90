"""The state of the moderation page."""

from collections.abc import Awaitable
from hashlib import sha256

import reflex as rx

from streaming_app import routes
from streaming_app.backend.chat.command_handler import describe, parse_moderation_request
from streaming_app.backend.chat.model import ModerationLogEntry
from streaming_app.backend.chat.rules_form import parse_rules
from streaming_app.backend.errors import DomainError, ForbiddenError, InvalidError, NotFoundError, NotSignedInError
from streaming_app.state import services, toast
from streaming_app.state.moderation_view_models import (
    BanView,
    HeldMessageView,
    LogEntryView,
    RulesErrors,
    RulesView,
    ban_view,
    held_message_view,
    log_entry_view,
    rules_form,
    rules_from_view,
    rules_view,
)
from streaming_app.state.page_commands import focus_first_error, keep_focus, reset_form
from streaming_app.state.session import SessionState, acting_user_id
from streaming_app.state.view_models import EmoteView, emote_view

RULES_FORM, MODERATOR_FORM, BAN_FORM = "rules-form", "moderator-form", "ban-form"
PAGE = 30
"""Number of log entries shown at first, and number that each ``older`` event adds."""

Events = list[rx.event.EventSpec]


class ModerationState(SessionState):
    """Loads the moderation page and runs the actions of its buttons and forms."""

    channel_id: str = ""
    """Empty until the page is loaded and the user has access."""
    name: str = ""
    channel_slug: str = ""
    feed: str = ""
    missing: bool = False
    refusal: str = ""
    """The reason why the user has no access."""
    is_owner: bool = False
    """Whether the user may add and remove moderators."""
    held: list[HeldMessageView] = []
    bans: list[BanView] = []
    moderators: list[str] = []
    emotes: list[EmoteView] = []
    """The emotes that the user may delete."""
    log: list[LogEntryView] = []
    has_older: bool = False
    rules: RulesView = RulesView()
    rules_version: str = ""
    """Changes when the form has to be rendered again with other rules."""
    rules_errors: RulesErrors = RulesErrors()
    rules_are_stale: bool = False
    """Whether the rules were changed elsewhere since the form was rendered."""
    name_error: str = ""
    ban_error: str = ""

    _shown: int = PAGE

    @rx.event
    async def open(self) -> rx.event.EventSpec | None:
        """Load the channel of the current URL. Redirects signed-out users to the sign-in page."""
        slug = routes.slug_of(str(self.router.url.path))
        self.channel_slug = slug
        self.channel_id = self.refusal = self.name_error = self.ban_error = ""
        self.missing, self.rules_errors, self._shown = False, RulesErrors(), PAGE
        try:
            user_id = await acting_user_id(self)
            channel = await services.current().channels.by_slug(slug)
            await self._show(channel.channel_id, user_id, anew=True)
        except NotSignedInError:
            return rx.redirect(str(routes.login(routes.moderation(slug))))
        except NotFoundError:
            self.missing = True
            return None
        except ForbiddenError as refused:
            self.refusal = refused.public_message
            return None
        self.name = channel.name
        self.channel_id, self.feed = channel.channel_id, f"/feed/{channel.channel_id}"
        return None

    @rx.event
    async def refresh(self) -> None:
        """Load everything again after a frame of the feed, but keep what the user is typing."""
        if self.channel_id:
            await self._reload()

    @rx.event
    async def older(self) -> None:
        """Show more log entries."""
        self._shown += PAGE
        await self._reload()

    @rx.event
    async def approve(self, message_id: str) -> Events:
        """Approve a held message."""
        return await self._run(
            services.current().held_messages.approve(*await self._channel_and_user_id(), str(message_id))
        )

    @rx.event
    async def reject(self, message_id: str) -> Events:
        """Reject a held message."""
        return await self._run(
            services.current().held_messages.reject(*await self._channel_and_user_id(), str(message_id))
        )

    @rx.event
    async def undo(self, entry_id: str) -> Events:
        """Undo a log entry."""
        return await self._run(
            services.current().undo_service.undo(*await self._channel_and_user_id(), str(entry_id)), "Undone."
        )

    @rx.event
    async def unban(self, name: str) -> Events:
        """Lift a ban or timeout."""
        return await self._run(services.current().moderation.unban(*await self._channel_and_user_id(), str(name)))

    @rx.event
    async def delete_emote(self, emote_id: str) -> Events:
        """Delete one of the channel's emotes."""
        try:
            await services.current().emotes.remove(*await self._channel_and_user_id(), str(emote_id))
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        await self._reload()
        return _success("Emote deleted.")

    @rx.event
    async def dismiss(self, name: str) -> Events:
        """Make a moderator a viewer again."""
        return await self._run(
            services.current().moderation.remove_moderator(*await self._channel_and_user_id(), str(name))
        )

    @rx.event
    async def appoint(self, form: dict[str, str]) -> Events | None:
        """Add the moderator named in the form."""
        self.name_error = ""
        try:
            entry = await services.current().moderation.add_moderator(
                *await self._channel_and_user_id(), form.get("moderator", "")
            )
        except DomainError as refused:
            self.name_error = refused.public_message
            return None
        await self._reload()
        return [*_success(describe(entry)), reset_form(MODERATOR_FORM)]

    @rx.event
    async def ban(self, form: dict[str, str]) -> Events | None:
        """Time out the chatter named in the form, or ban them if the form has no length."""
        self.ban_error = ""
        length = form.get("length", "").strip()
        try:
            order = parse_moderation_request(
                "timeout" if length else "ban", form.get("chatter", ""), "", length, form.get("reason", "")
            )
            answer = await services.current().command_handler.execute(*await self._channel_and_user_id(), order)
        except DomainError as refused:
            self.ban_error = refused.public_message
            return None
        await self._reload()
        return [*_success(answer), reset_form(BAN_FORM)]

    @rx.event
    async def save_rules(self, form: dict[str, str]) -> Events:
        """Save the rules that were changed in the form. Rules that only others have changed are kept.

        The form keeps its content if the rules are refused.
        """
        self.rules_errors = RulesErrors()
        try:
            rules, shown = parse_rules(rules_form(form)), rules_from_view(self.rules)
            entry = await services.current().chat_settings.set_rules(
                *await self._channel_and_user_id(), rules, based_on=shown
            )
        except InvalidError as refused:
            self.rules_errors = RulesErrors(**refused.fields)
            return [focus_first_error()]
        except DomainError as refused:
            return [toast.error(refused.public_message)]
        await self._reload(anew=True)
        return [*_success(describe(entry)), reset_form(RULES_FORM)]

    @rx.event
    async def show_rules(self) -> None:
        """Render the form again with the current rules."""
        self.rules_errors = RulesErrors()
        await self._reload(anew=True)

    async def _channel_and_user_id(self) -> tuple[str, str]:
        """Return the ids of the channel and the signed-in user."""
        return str(self.channel_id), await acting_user_id(self)

    async def _run(self, action: Awaitable[ModerationLogEntry], done: str = "") -> Events:
        try:
            entry = await action
        except DomainError as refused:
            await self._reload()
            return [toast.error(refused.public_message)]
        await self._reload()
        return _success(done or describe(entry))

    async def _reload(self, *, anew: bool = False) -> None:
        """Load everything again. Shows the refusal if the user no longer has access."""
        try:
            await self._show(*await self._channel_and_user_id(), anew=anew)
        except DomainError as refused:
            self.channel_id, self.refusal = "", refused.public_message

    async def _show(self, channel_id: str, user_id: str, *, anew: bool) -> None:
        seen = await services.current().moderation_dashboard.read(channel_id, user_id, self._shown + 1)
        self._show_rules(rules_view(seen.rules), anew=anew)
        self.is_owner = seen.role.can_manage_channel
        self.held = [held_message_view(message) for message in seen.held]
        self.bans = [ban_view(ban) for ban in seen.bans]
        self.moderators = [chatter.username for chatter in seen.moderators]
        self.emotes = [emote_view(emote) for emote in seen.emotes]
        self.log = [log_entry_view(entry) for entry in seen.log[: self._shown]]
        self.has_older = len(seen.log) > self._shown

    def _show_rules(self, rules: RulesView, *, anew: bool) -> None:
        self.rules_are_stale = not anew and (self.rules_are_stale or rules != self.rules)
        if anew:
            self.rules, self.rules_version = rules, _hash_of(str(self.channel_slug), rules)


def _hash_of(slug: str, rules: RulesView) -> str:
    """Return a hash that is the same for the same rules, also in a new state of the tab."""
    return sha256(f"{slug} {rules}".encode(errors="surrogatepass")).hexdigest()[:16]


def _success(answer: str) -> Events:
    return [toast.success(answer), keep_focus()]
