"""The registry of stored data: what belongs to an account, how it is exported, and how it is deleted.

Names are those of the SQLite tables and the MongoDB collections, which are the same. A test fails if a table or
collection is missing here.
"""

from dataclasses import dataclass
from enum import StrEnum


class Erasure(StrEnum):
    """How records are deleted."""

    RECORDS = "records"
    """By ``AccountRecords.erase_records``."""
    MESSAGES = "messages"
    """By ``ChatArchive.erase_author`` and ``erase_channel``, which also delete what refers to the messages."""
    RECORDER = "recorder"
    """By the recorder, which deletes the files first."""
    LAST = "last"
    """By ``AccountRecords.remove_account``, after everything else."""


@dataclass(frozen=True, slots=True)
class OwnedData:
    """A table that has data of accounts."""

    table: str
    exported_as: str = ""
    """File in the export; empty if the data is not exported."""
    not_exported: str = ""
    """Why the data is not exported."""
    user: str = ""
    """Field with the id of the user to whom a record belongs."""
    channel: str = ""
    """Field with the id of the channel to which a record belongs."""
    erasure: Erasure = Erasure.RECORDS


OWNED_DATA = (
    OwnedData("users", exported_as="account.json", user="user_id", erasure=Erasure.LAST),
    OwnedData("channels", exported_as="channel.json", user="owner_id", channel="channel_id", erasure=Erasure.LAST),
    OwnedData("sessions", exported_as="sessions.json", user="user_id"),
    OwnedData("tickets", not_exported="It has only secrets that are valid for a short time.", user="user_id"),
    OwnedData("authenticator_apps", not_exported="It has only secrets.", user="user_id"),
    OwnedData("passkeys", exported_as="passkeys.json", user="user_id"),
    OwnedData("avatars", exported_as="avatar.webp", user="user_id"),
    OwnedData("identities", exported_as="linked_accounts.json", user="user_id"),
    OwnedData("provider_sign_ins", not_exported="It has only secrets that are valid for a short time.", user="link_to"),
    OwnedData(
        "provider_sign_ins", not_exported="It has only secrets that are valid for a short time.", user="confirms"
    ),
    OwnedData(
        "pending_identities", not_exported="It has only secrets that are valid for a short time.", user="link_to"
    ),
    OwnedData("mail_links", not_exported="It has only secrets that are valid for a short time.", user="user_id"),
    OwnedData("invitation_claims", not_exported="It has only accounts that are being created.", user="user_id"),
    OwnedData("api_tokens", exported_as="api_tokens.json", user="user_id"),
    OwnedData("streamer_requests", exported_as="streamer_request.json", user="user_id"),
    OwnedData("streams", exported_as="streams.json", channel="channel_id"),
    OwnedData("stream_blocks", exported_as="channel.json", channel="channel_id"),
    OwnedData("recordings", exported_as="recordings.json", channel="channel_id", erasure=Erasure.RECORDER),
    OwnedData(
        "chat_messages",
        exported_as="chat_messages.json",
        user="user_id",
        channel="channel_id",
        erasure=Erasure.MESSAGES,
    ),
    OwnedData("chat_deletions", not_exported="It belongs to the messages.", erasure=Erasure.MESSAGES),
    OwnedData("chat_rules", exported_as="channel.json", channel="channel_id"),
    OwnedData("chat_pins", exported_as="channel.json", channel="channel_id"),
    OwnedData("chat_moderators", exported_as="channel.json", user="user_id", channel="channel_id"),
    OwnedData("chat_bans", exported_as="channel.json", user="user_id", channel="channel_id"),
    OwnedData(
        "chat_turns", not_exported="It has only the time of the last message.", user="user_id", channel="channel_id"
    ),
    OwnedData("follows", exported_as="follows.json", user="user_id", channel="channel_id"),
    OwnedData("moderation_log", exported_as="moderation_log.json", user="target_id", channel="channel_id"),
    OwnedData(
        "held_messages",
        exported_as="held_messages.json",
        user="user_id",
        channel="channel_id",
    ),
    OwnedData("reports", exported_as="reports.json", user="reporter_id", channel="channel_id"),
    OwnedData("reports", not_exported="Who reported a user stays unknown to that user.", user="subject_id"),
    OwnedData("emotes", exported_as="emotes.json", channel="channel_id"),
)
"""All tables with data of accounts. Their order is the order of deletion, except for ``Erasure.LAST``."""

KEPT_DATA = {
    "audit_log": "Entries expire. Name, id and addresses of a deleted account are removed from them at once.",
    "invitations": "They belong to the site, and expire. The name of a deleted admin is removed from them.",
    "erased_accounts": "It has only hashes of deleted accounts, which prevent their data from being written again.",
}
"""The other tables, and why their records are not deleted with an account."""
