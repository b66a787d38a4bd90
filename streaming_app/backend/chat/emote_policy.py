"""Validation and permissions of emotes, as pure functions."""

import re

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.policy import may_use_site
from streaming_app.backend.chat.model import Role
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError

EMOTES_MAX = 50
"""Maximum number of emotes in a channel; the emote picker shows all of them."""
UPLOAD_MAX_BYTES = 1024 * 1024
NAME_MIN = 2
NAME_MAX = 24

_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


def clean_name(typed: str) -> str:
    """Return the name without colons. Raises ``InvalidError``."""
    name = typed.strip().removeprefix(":").removesuffix(":")
    if not name:
        raise InvalidError("name", "Enter a name. Chatters type it between colons.")
    if not _NAME.fullmatch(name):
        raise InvalidError("name", "Use letters a to z, digits and _ only, without spaces.")
    if not NAME_MIN <= len(name) <= NAME_MAX:
        raise InvalidError("name", f"Use {NAME_MIN} to {NAME_MAX} characters. You entered {len(name)}.")
    return name


def check_upload(upload: bytes) -> None:
    """Raise ``InvalidError`` if the file is empty or too large."""
    if not upload:
        raise InvalidError("picture", "Choose an image that is not empty.")
    if len(upload) > UPLOAD_MAX_BYTES:
        kilobytes = -(-len(upload) // 1024)
        raise InvalidError("picture", f"Files can be 1,024 KB at most. This one has {kilobytes:,} KB. Make it smaller.")


def clean_name_and_check_upload(name: str, upload: bytes) -> str:
    """Return the clean name. Raises one ``InvalidError`` with the problems of the name and the picture."""
    try:
        cleaned = clean_name(name)
    except InvalidError as wrong:
        try:
            check_upload(upload)
        except InvalidError as wrong_too:
            raise InvalidError(wrong.field, wrong.public_message, wrong_too) from None
        raise
    check_upload(upload)
    return cleaned


def may_manage_emotes(user: User, role: Role) -> None:
    """Raise ``ForbiddenError`` unless the user is the channel's owner or an admin, and not banned from the site."""
    may_use_site(user)
    if not role.can_manage_channel:
        raise ForbiddenError("Only the channel's owner can change its emotes.")


def may_add_emote(count: int) -> None:
    """Raise ``ConflictError`` if a channel with ``count`` emotes may not have another one."""
    if count >= EMOTES_MAX:
        raise ConflictError(f"A channel has {EMOTES_MAX} emotes at most. Delete one first.")
