"""The errors that both stores raise when a value is taken or something does not exist."""

from streaming_app.backend.errors import ConflictError, NotFoundError, TakenError


def username_taken() -> TakenError:
    """Another account has the username."""
    return TakenError("username", "This username is taken. Choose another.")


def email_taken() -> TakenError:
    """Another account has the e-mail."""
    return TakenError("email", "An account with this email already exists. Sign in instead.")


def slug_taken() -> TakenError:
    """Another channel has the slug."""
    return TakenError("slug", "This username is taken. Choose another.")


def owner_has_channel() -> TakenError:
    """The owner has a channel already."""
    return TakenError("owner", "You already have a channel.")


def channel_has_open_stream() -> ConflictError:
    """The channel is streaming."""
    return ConflictError("This channel already has an open stream.")


def emote_name_taken() -> TakenError:
    """The channel has an emote of the name."""
    return TakenError("name", "This channel already has an emote with this name. Choose another.")


def no_such_emote() -> NotFoundError:
    """The channel has none of this id, or none any more."""
    return NotFoundError("There is no such emote.")


def no_such_token() -> NotFoundError:
    """Nobody made it, or it was revoked."""
    return NotFoundError("There is no such token.")


def no_such_message() -> NotFoundError:
    """Nobody said it in this channel, or it is deleted."""
    return NotFoundError("This message no longer exists.")


def no_such_entry() -> NotFoundError:
    """The channel's moderation log has no entry of this id."""
    return NotFoundError("There is no such entry in the moderation log.")


def held_message_gone() -> NotFoundError:
    """It was never held, or a moderator decided about it."""
    return NotFoundError("This message was already reviewed.")


def held_message_claimed() -> ConflictError:
    """Another moderator has claimed the held message a moment ago."""
    return ConflictError("Another moderator is reviewing this message. Try again in a moment.")


def recording_exists() -> ConflictError:
    """The stream has a recording."""
    return ConflictError("This stream is recorded already.")


def no_such_recording() -> NotFoundError:
    """Nobody has recorded it, or it is deleted."""
    return NotFoundError("There is no such recording.")
