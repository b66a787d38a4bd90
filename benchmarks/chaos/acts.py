"""Sign-ins, sign-outs and acts of moderators while faults happen, and whether they are in force at the end."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

import httpx

from benchmarks.chaos.population import Channel, Person, add_person
from benchmarks.chaos.requests import answer_to
from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError

SIGN_IN_SECONDS = 3.0
ACT_SECONDS = 4.0
SIGN_OUT_EACH = 4
"""One of so many sessions is ended again."""
ACTS = ("ban", "time out", "delete")
ATTEMPTS = 3

T = TypeVar("T")


class Acts:
    """The acts that the site has acknowledged."""

    def __init__(
        self, backend: Backend, client: httpx.AsyncClient, browser: httpx.AsyncClient, channels: Sequence[Channel]
    ) -> None:
        self._backend = backend
        self._client = client
        self._browser = browser  # keeps cookies, which must not be sent with other requests
        self._channels = channels
        self.sessions: list[str] = []
        """Cookies of the sessions that were opened, and not ended."""
        self.ended: list[str] = []
        """Cookies of the sessions that were ended."""
        self.banned: list[tuple[Channel, Person]] = []
        self.deleted: list[tuple[Channel, str]] = []
        self.refused: Counter[str] = Counter()

    async def sign_in(self) -> None:
        """Open sessions, and end some of them, until cancelled."""
        for number in itertools.count():
            await asyncio.sleep(SIGN_IN_SECONDS)
            person = await self._while_outage(lambda: add_person(self._backend))
            ticket = await self._while_outage(
                lambda person=person: self._backend.accounts.sessions.issue_ticket(person.user)
            )
            answer = await answer_to(self._browser, "POST", "/api/auth/session", body={"ticket": ticket})
            if answer.status_code != HTTPStatus.CREATED:  # the ticket was used, and the answer was lost
                self.refused[f"sign in: {answer.status_code}"] += 1
                continue
            cookie = f"{SESSION_COOKIE}={answer.cookies[SESSION_COOKIE]}"
            self._browser.cookies.clear()
            if number % SIGN_OUT_EACH:
                self.sessions.append(cookie)
                continue
            answer = await answer_to(self._client, "DELETE", "/api/auth/session", headers={"Cookie": cookie})
            if answer.status_code == HTTPStatus.NO_CONTENT:
                self.ended.append(cookie)

    async def moderate(self) -> None:
        """Ban users, time users out and delete messages, until cancelled."""
        for number in itertools.count():
            await asyncio.sleep(ACT_SECONDS)
            channel = self._channels[number % len(self._channels)]
            target = await self._while_outage(lambda: add_person(self._backend))
            name = target.user.username
            match ACTS[number % len(ACTS)]:
                case "ban":
                    is_done = await self._command(channel, f"/ban {name} chaos")
                case "time out":
                    is_done = await self._command(channel, f"/timeout {name} 7d chaos")
                case _:
                    await self._delete(channel, target)
                    continue
            if is_done:
                self.banned.append((channel, target))

    async def _delete(self, channel: Channel, target: Person) -> None:
        message = {"text": f"target-{uuid4().hex}", "id": uuid4().hex}
        answer = await answer_to(self._client, "POST", channel.messages_path, body=message, headers=target.headers)
        if answer.status_code != HTTPStatus.CREATED:
            self.refused[f"target: {answer.status_code}"] += 1
            return
        message_id: str = answer.json()["id"]
        for _ in range(ATTEMPTS):  # moderators cannot delete a message before it is in the archive
            if await self._command(channel, "/delete chaos", message_id):
                self.deleted.append((channel, message_id))
                return
            await asyncio.sleep(1)  # until the archive may have it

    async def _command(self, channel: Channel, command: str, reply_to: str = "") -> bool:
        body = {"text": command, "reply_to": reply_to}
        answer = await answer_to(self._client, "POST", channel.messages_path, body=body, headers=channel.owner.headers)
        is_done = answer.status_code in {HTTPStatus.OK, HTTPStatus.CONFLICT}  # an earlier attempt may have succeeded
        if not is_done:
            self.refused[f"{command.split(maxsplit=1)[0]}: {answer.status_code}"] += 1
        return is_done

    async def lost_sessions(self) -> int:
        """Return the number of opened sessions that do not work."""
        return await self._count(self.sessions, lambda cookie: self._session_has(cookie, HTTPStatus.OK))

    async def revived_sessions(self) -> int:
        """Return the number of ended sessions that work."""
        return await self._count(self.ended, lambda cookie: self._session_has(cookie, HTTPStatus.UNAUTHORIZED))

    async def lost_bans(self) -> int:
        """Return the number of banned users who can write."""
        return await self._count(self.banned, lambda ban: self._is_banned(*ban))

    async def _session_has(self, cookie: str, status: HTTPStatus) -> bool:
        answer = await answer_to(self._client, "GET", "/api/users/me", headers={"Cookie": cookie})
        return answer.status_code == status

    async def _is_banned(self, channel: Channel, target: Person) -> bool:
        body = {"text": f"banned-{uuid4().hex}", "id": uuid4().hex}
        answer = await answer_to(self._client, "POST", channel.messages_path, body=body, headers=target.headers)
        return answer.status_code == HTTPStatus.FORBIDDEN

    async def _count(self, items: Sequence[T], is_right: Callable[[T], Awaitable[bool]]) -> int:
        return sum([not await is_right(item) for item in items])

    async def _while_outage(self, work: Callable[[], Awaitable[T]]) -> T:
        while True:
            with suppress(BusUnavailableError, StoreUnavailableError):
                return await work()
            await asyncio.sleep(0.5)
