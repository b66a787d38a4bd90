"""Users, sessions and tickets in MongoDB."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import cast

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.account_data.model import name_key
from streaming_app.backend.accounts.look_alike_names import skeleton
from streaming_app.backend.accounts.model import Session, SiteRole, Ticket, User
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import (
    email_taken,
    no_such_session,
    no_such_ticket,
    no_such_user,
    username_looks_taken,
    username_taken,
)

_USER = {"user_id": "_id"}
_SESSION = {"session_id": "_id"}
_TICKET = {"ticket_hash": "_id"}


@reporting_outages
class MongoUsers:
    """All accounts."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]
        self._erased = database["erased_accounts"]

    async def add(self, user: User) -> None:
        await self._check_not_reserved(user.username)
        try:
            await self._users.insert_one(
                to_document(user, _USER)
                | {
                    "username_key": fold_case(user.username),
                    "username_skeleton": skeleton(user.username),
                    "email_key": fold_case(user.email),
                }
            )
        except DuplicateKeyError:
            await self.check_free(user.username, user.email)  # a query, because the error text differs between servers
            raise

    async def _check_not_reserved(self, username: str) -> None:
        if await self._erased.find_one({"name_key": name_key(username)}):
            raise username_taken() from None

    async def check_free(self, username: str, email: str) -> None:
        await self._check_not_reserved(username)
        if await self._users.find_one({"username_key": fold_case(username)}):
            raise username_taken() from None
        if await self._users.find_one({"username_skeleton": skeleton(username)}):
            raise username_looks_taken() from None
        if await self._users.find_one({"email_key": fold_case(email)}):
            raise email_taken() from None

    async def get(self, user_id: str) -> User:
        return _one_user(await self._users.find_one({"_id": user_id}))

    async def get_by_login(self, login: str) -> User:
        key = fold_case(login)
        return _one_user(await self._users.find_one({"$or": [{"username_key": key}, {"email_key": key}]}))

    async def replace_password_hash(self, user_id: str, old: str, new: str) -> None:
        await self._users.update_one({"_id": user_id, "password_hash": old}, {"$set": {"password_hash": new}})

    async def set_password(
        self, user_id: str, generation: int, password_hash: str, *, end_tokens: bool = False
    ) -> bool:
        # Accounts from before generations have no such field, which matches None.
        known = [0, None] if generation == 0 else [generation]
        changed = await self._users.update_one(
            {"_id": user_id, "session_generation": {"$in": known}},
            {
                "$set": {"password_hash": password_hash, "session_generation": generation + 1},
                "$inc": {"token_generation": int(end_tokens)},
            },
        )
        return changed.matched_count > 0

    async def replace_display_name(self, user_id: str, old: str, new: str) -> bool:
        # Accounts from before display names have no such field, which matches None.
        known = [old] if old else ["", None]
        unchanged = {"_id": user_id, "display_name": {"$in": known}}
        return (await self._users.update_one(unchanged, {"$set": {"display_name": new}})).matched_count > 0

    async def set_avatar(self, user_id: str, avatar_id: str) -> str:
        change = {"$set": {"avatar_id": avatar_id}}
        replaced = cast("Document | None", await self._users.find_one_and_update({"_id": user_id}, change))
        if replaced is None:
            raise no_such_user()
        return replaced.get("avatar_id", "")

    async def confirm_email(self, user_id: str, email: str, at: datetime) -> bool:
        current = {"_id": user_id, "email_key": fold_case(email)}
        return (await self._users.update_one(current, {"$set": {"email_confirmed_at": at}})).matched_count > 0

    async def replace_email(self, user_id: str, old: str, new: str, confirmed_at: datetime) -> bool:
        fields = {"email": new, "email_key": fold_case(new), "email_confirmed_at": confirmed_at}
        try:
            changed = await self._users.update_one(
                {"_id": user_id, "email_key": fold_case(old)}, {"$set": fields, "$inc": {"session_generation": 1}}
            )
        except DuplicateKeyError:
            raise email_taken() from None
        return changed.matched_count > 0

    async def set_banned(self, user_id: str, *, banned: bool, reason: str = "", until: datetime | None = None) -> None:
        change: Document = {"$set": {"banned": banned, "ban_reason": reason, "banned_until": until}}
        if banned:
            change["$inc"] = {"session_generation": 1}
        changed = await self._users.update_one({"_id": user_id}, change)
        if not changed.matched_count:
            raise no_such_user()

    async def end_bans(self, now: datetime) -> None:
        fields = {"banned": False, "ban_reason": "", "banned_until": None}
        await self._users.update_many({"banned_until": {"$lte": now}}, {"$set": fields})

    async def set_role(self, user_id: str, role: SiteRole, *, expected: SiteRole) -> bool:
        is_expected = {"_id": user_id, "site_role": expected.value}
        changed = await self._users.update_one(is_expected, {"$set": {"site_role": role.value}})
        return changed.matched_count > 0

    async def search(self, text: str, *, with_email: bool, group: UserGroup, after: str, limit: int) -> list[User]:
        contains = {"$regex": re.escape(fold_case(text))}
        keys = ["username_key", "email_key"] if with_email else ["username_key"]
        which: list[Document] = [
            {"username_key": {"$gt": fold_case(after)}},
            {"$or": [{key: contains} for key in keys]},
        ]
        if group is UserGroup.STAFF:
            which.append({"site_role": {"$in": [SiteRole.MODERATOR.value, SiteRole.ADMIN.value]}})
        if group is UserGroup.SUSPENDED:
            which.append({"banned": True})
        found = self._users.find({"$and": which}).sort([("username_key", ASCENDING)]).limit(limit)
        return [_one_user(document) async for document in found]

    async def session_generations(self, user_ids: Collection[str]) -> dict[str, int]:
        found = self._users.find({"_id": {"$in": list(user_ids)}}, {"session_generation": 1})
        return {document["_id"]: document.get("session_generation", 0) async for document in found}


@reporting_outages
class MongoSessions:
    """All sessions. A TTL index deletes expired sessions."""

    def __init__(self, database: Database) -> None:
        self._sessions = database["sessions"]
        self._users = database["users"]

    async def add(self, session: Session) -> None:
        await self._sessions.insert_one(to_document(session, _SESSION))

    async def get_with_user(self, session_id: str, now: datetime) -> tuple[Session, User]:
        document = await self._sessions.find_one({"_id": session_id, "expires_at": {"$gt": now}})
        if document is not None:
            session = from_document(Session, document, _SESSION)
            user = _one_user(await self._users.find_one({"_id": session.user_id}))
            if user.session_generation == session.generation:
                return session, user
        raise no_such_session()

    async def list_by_user(self, user_id: str, now: datetime) -> list[Session]:
        found = self._sessions.find({"user_id": user_id, "expires_at": {"$gt": now}})
        documents = await found.sort([("created_at", -1), ("_id", 1)]).to_list()
        return [from_document(Session, document, _SESSION) for document in documents]

    async def set_seen(self, session_id: str, seen_at: datetime) -> None:
        await self._sessions.update_one({"_id": session_id}, {"$set": {"seen_at": seen_at}})

    async def remove(self, session_id: str) -> None:
        await self._sessions.delete_one({"_id": session_id})

    async def remove_all_of(self, user_id: str, keep: str = "") -> None:
        await self._sessions.delete_many({"user_id": user_id, "_id": {"$ne": keep}})


@reporting_outages
class MongoTickets:
    """Unused tickets. A TTL index deletes expired tickets."""

    def __init__(self, database: Database) -> None:
        self._tickets = database["tickets"]

    async def add(self, ticket: Ticket) -> None:
        await self._tickets.insert_one(to_document(ticket, _TICKET))

    async def get(self, ticket_hash: str, now: datetime) -> Ticket:
        document = await self._tickets.find_one({"_id": ticket_hash, "expires_at": {"$gt": now}})
        if not document:
            raise no_such_ticket()
        return from_document(Ticket, document, _TICKET)

    async def take(self, ticket_hash: str, now: datetime) -> Ticket:
        document = await self._tickets.find_one_and_delete({"_id": ticket_hash, "expires_at": {"$gt": now}})
        if not document:
            raise no_such_ticket()
        return from_document(Ticket, document, _TICKET)


def _one_user(document: Document | None) -> User:
    if document is None:
        raise no_such_user()
    return from_document(User, document, _USER)
