"""Say something in a channel, and read what was said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from streaming_app.backend.bus import Bus, position_of
from streaming_app.backend.chat import commands, policy
from streaming_app.backend.chat.commander import Commander
from streaming_app.backend.chat.deliveries import carried
from streaming_app.backend.chat.filters import Caught, caught, sameness
from streaming_app.backend.chat.journal import Journal
from streaming_app.backend.chat.model import ChatMessage, Filtered, HeldMessage, Quote
from streaming_app.backend.chat.people import Member, People
from streaming_app.backend.chat.ports import ChatArchive, ChatRooms, HeldMessages
from streaming_app.backend.chat.repeats import Repeats
from streaming_app.backend.chat.spans import in_words
from streaming_app.backend.errors import BusUnavailableError, InvalidError, NotFoundError, RateLimitedError
from streaming_app.backend.events import ChatMessageSent
from streaming_app.backend.rate_limit import RateLimit

QUOTE_MAX = 100
"""Characters of a message that its answers show."""


@dataclass(frozen=True, slots=True)
class Said:
    """The message is durable, and on its way to every screen."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """A moderator decides about the message."""

    answer: str = "A moderator will look at your message before it appears."


@dataclass(frozen=True, slots=True)
class Done:
    """It was a command, and it is done."""

    answer: str
    """What came of it."""


class ChatService:
    """The use cases of chat."""

    def __init__(
        self,
        people: People,
        archive: ChatArchive,
        rooms: ChatRooms,
        held: HeldMessages,
        journal: Journal,
        commander: Commander,
        rate_limit: RateLimit,
        bus: Bus,
        now: Callable[[], datetime],
        max_length: int,
    ) -> None:
        self._people = people
        self._archive = archive
        self._rooms = rooms
        self._held = held
        self._journal = journal
        self._commander = commander
        self._rate_limit = rate_limit
        self._repeats = Repeats(now)
        self._bus = bus
        self._now = now
        self._max_length = max_length

    async def post(self, channel_id: str, user_id: str, text: str, reply_to: str = "") -> Said | Held | Done:
        """Say ``text``, perhaps in answer to the message ``reply_to``, or do what it commands.

        Raises ``InvalidError``, ``ForbiddenError``, ``RateLimitedError``, ``NotFoundError``, ``ConflictError`` or
        ``BusUnavailableError``.
        """
        typed = commands.read(policy.clean_text(text, self._max_length))
        if isinstance(typed, commands.Command):
            self._rate_limit.spend(user_id)
            return Done(await self._commander.obey(channel_id, user_id, typed, reply_to))
        member = await self._people.member(channel_id, user_id)
        policy.may_post(member.user, member.role, member.standing, self._now())
        found = self._filter(member, typed)
        quote = await self._quote(channel_id, reply_to) if reply_to else None
        self._rate_limit.spend(user_id)
        if not policy.is_limited(member.role):
            return await self._say(member, typed, quote)
        await self._take_turn(member)
        if found:
            return await self._hold(member, typed, quote, found)
        return await self._say_once(member, typed, quote)

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        return await self._archive.recent(channel_id, limit)

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        return await self._archive.after(channel_id, position, limit)

    async def since(self, channel_id: str, instant: datetime, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages said at ``instant`` or later, oldest first."""
        return await self._archive.after(channel_id, position_of(instant, 0) - 1, limit)

    def _filter(self, member: Member, text: str) -> Caught | None:
        """What a moderator has to decide about, if anything; raises ``InvalidError`` for what is refused at once."""
        rules = member.standing.rules
        found = caught(text, rules) if policy.is_limited(member.role) else None
        if found and rules.filtered is Filtered.REFUSED:
            raise InvalidError("text", found.told)
        return found

    async def _quote(self, channel_id: str, message_id: str) -> Quote:
        try:
            message = await self._archive.get(channel_id, message_id)
        except NotFoundError:
            raise NotFoundError(
                "The message that you answer is gone. Say it without answering, or try again if it is new."
            ) from None
        line = " ".join(message.text.split())
        excerpt = line if len(line) <= QUOTE_MAX else f"{line[: QUOTE_MAX - 1].rstrip()}…"
        return Quote(message.message_id, message.username, excerpt)

    async def _take_turn(self, member: Member) -> None:
        if not (seconds := member.standing.rules.slow_seconds):
            return
        wait = await self._rooms.take_turn(
            member.channel.channel_id, member.user.user_id, self._now(), timedelta(seconds=seconds)
        )
        if wait > timedelta(0):
            raise RateLimitedError(f"Slow mode is on: you can chat again in {in_words(wait)}.", wait)

    async def _hold(self, member: Member, text: str, quote: Quote | None, found: Caught) -> Held:
        channel_id = member.channel.channel_id
        await self._held.add(
            HeldMessage(
                message_id=uuid4().hex,
                channel_id=channel_id,
                user_id=member.user.user_id,
                username=member.user.username,
                text=text,
                role=member.role,
                reply_to=quote,
                held_at=self._now(),
                reason=found.noted,
            )
        )
        await self._journal.tell(channel_id)
        return Held()

    async def _say_once(self, member: Member, text: str, quote: Quote | None) -> Said:
        """Say it unless it has just been said, where the rules are against repetition."""
        if not member.standing.rules.limits_flood:
            return await self._say(member, text, quote)
        where = (member.channel.channel_id, member.user.user_id)
        self._repeats.note(*where, sameness(text))
        try:
            return await self._say(member, text, quote)
        except BusUnavailableError:
            self._repeats.forget(*where)
            raise

    async def _say(self, member: Member, text: str, quote: Quote | None) -> Said:
        said = ChatMessageSent(
            at=self._now(),
            channel_id=member.channel.channel_id,
            user_id=member.user.user_id,
            username=member.user.username,
            text=text,
            role=member.role.value,
            reply_to=carried(quote),
        )
        await self._bus.publish(said)
        return Said(said.event_id)
