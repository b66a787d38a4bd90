"""The mails of a development site with several processes, in Redis, so that each process shows those of all."""

import json
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from streaming_app.backend.accounts.mails import Mail
from streaming_app.backend.adapters.development_mailbox import MAILS_MAX, KeptMail
from streaming_app.backend.failure_causes import cause_of

log = logging.getLogger(__name__)

KEY = "streaming_app:mails"
KEPT = timedelta(days=1)
"""How long mails are kept after the newest one."""
TIMEOUT_SECONDS = 2.0


class RedisMails:
    """Implements ``development_mailbox.SharedMails``. Connects for each use, because there are few."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def add(self, kept: KeptMail) -> None:
        mail = kept.mail
        fields = {"at": kept.at.isoformat(), "to": kept.to, "mail": [mail.subject, mail.text, mail.html]}
        try:
            async with self._client() as client, client.pipeline() as commands:
                commands.lpush(KEY, json.dumps(fields))
                commands.ltrim(KEY, 0, MAILS_MAX - 1)
                commands.expire(KEY, KEPT)
                await commands.execute()
        except (RedisError, OSError) as failed:
            log.warning("A mail is shown by one web process only, because Redis does not answer: %s", cause_of(failed))

    async def newest(self) -> list[KeptMail] | None:
        try:
            async with self._client() as client:
                rows = await cast("Awaitable[list[bytes]]", client.lrange(KEY, 0, MAILS_MAX - 1))
        except (RedisError, OSError) as failed:
            log.warning("Only the mails of this process are shown, because Redis does not answer: %s", cause_of(failed))
            return None
        return [_kept(json.loads(row)) for row in rows]

    def _client(self) -> Redis:
        return Redis.from_url(self._url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)


def _kept(fields: dict[str, object]) -> KeptMail:
    subject, text, html = cast("list[str]", fields["mail"])
    return KeptMail(datetime.fromisoformat(str(fields["at"])), str(fields["to"]), Mail(subject, text, html))
