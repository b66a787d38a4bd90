"""Links in mails, in MongoDB."""

from datetime import datetime

from streaming_app.backend.accounts.mail_links import MailLink, MailLinkKind
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_link

_NAMES = {"link_hash": "_id"}


@reporting_outages
class MongoMailLinks:
    """Unused links. A TTL index deletes expired links."""

    def __init__(self, database: Database) -> None:
        self._links = database["mail_links"]

    async def add(self, link: MailLink) -> None:
        await self._links.insert_one(to_document(link, _NAMES))

    async def get(self, link_hash: str, now: datetime) -> MailLink:
        document = await self._links.find_one({"_id": link_hash, "expires_at": {"$gt": now}})
        if document is None:
            raise no_such_link()
        return from_document(MailLink, document, _NAMES)

    async def remove(self, link_hash: str) -> None:
        await self._links.delete_one({"_id": link_hash})

    async def remove_all_of(
        self, user_id: str, *, kind: MailLinkKind | None = None, since: datetime | None = None, keep: str = ""
    ) -> None:
        wanted: Document = {"user_id": user_id, "_id": {"$ne": keep}}
        if kind:
            wanted["kind"] = kind.value
        if since:
            wanted["created_at"] = {"$gte": since}
        await self._links.delete_many(wanted)
