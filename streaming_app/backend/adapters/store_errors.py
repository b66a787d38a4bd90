"""The errors that both stores raise when a value is taken or something does not exist."""

from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError, TakenError


def username_taken() -> TakenError:
    """Return the error for a username that another account has."""
    return TakenError("username", "This username is taken. Choose another.")


def username_looks_taken() -> TakenError:
    """Return the error for a username that looks like the username of another account."""
    return TakenError("username", "This username looks like the name of another account. Choose another.")


def email_taken() -> TakenError:
    """Return the error for an email that another account has."""
    return TakenError("email", "An account with this email already exists. Sign in instead.")


def no_such_user() -> NotFoundError:
    """Return the error for an account that does not exist."""
    return NotFoundError("There is no such user.")


def no_such_session() -> NotFoundError:
    """Return the error for a session that does not exist or has expired."""
    return NotFoundError("There is no such session.")


def no_such_ticket() -> NotFoundError:
    """Return the error for a ticket that does not exist, was redeemed or has expired."""
    return NotFoundError("There is no such ticket.")


def no_such_avatar() -> NotFoundError:
    """Return the error for a picture of a user that does not exist or was replaced."""
    return NotFoundError("There is no such picture.")


def no_such_link() -> NotFoundError:
    """Return the error for a link in a mail that does not exist, was used or has expired."""
    return NotFoundError("There is no such link.")


def identity_linked() -> ConflictError:
    """Return the error for an identity that another user has, or for a second one of the same provider."""
    return ConflictError("This account is linked to another user, or you have linked another account of this kind.")


def no_such_identity() -> NotFoundError:
    """Return the error for an identity that is linked to no user."""
    return NotFoundError("This account is not linked.")


def sign_in_expired() -> NotFoundError:
    """Return the error for a sign-in with a provider that is unknown, finished or has expired."""
    return NotFoundError("This sign-in was finished already, or has expired. Start again.")


def last_sign_in_method() -> ForbiddenError:
    """Return the error for removing the only way to sign in that a user has."""
    return ForbiddenError("This is your only way to sign in. Set a password first, and then remove it.")


def slug_taken() -> TakenError:
    """Return the error for a slug that another channel has."""
    return TakenError("slug", "This username is taken. Choose another.")


def owner_has_channel() -> TakenError:
    """Return the error for an owner who already has a channel."""
    return TakenError("owner", "You already have a channel.")


def no_such_channel() -> NotFoundError:
    """Return the error for an unknown id, slug or key of a channel."""
    return NotFoundError("There is no such channel.")


def channel_has_open_stream() -> ConflictError:
    """Return the error for a second open stream of a channel."""
    return ConflictError("This channel already has an open stream.")


def no_such_stream() -> NotFoundError:
    """Return the error for an unknown id of a stream."""
    return NotFoundError("There is no such stream.")


def never_streamed() -> NotFoundError:
    """Return the error for the latest stream of a channel that has had none."""
    return NotFoundError("This channel has not streamed yet.")


def emote_name_taken() -> TakenError:
    """Return the error for an emote name that the channel already has."""
    return TakenError("name", "This channel already has an emote with this name. Choose another.")


def no_such_emote() -> NotFoundError:
    """Return the error for an emote that does not exist in the channel."""
    return NotFoundError("There is no such emote.")


def no_such_token() -> NotFoundError:
    """Return the error for an API token that does not exist or was revoked."""
    return NotFoundError("There is no such token.")


def has_authenticator_app() -> ConflictError:
    """Return the error for a second authenticator app of a user."""
    return ConflictError("Your account has an authenticator app already. Remove it first.")


def no_authenticator_app() -> NotFoundError:
    """Return the error for an account without an authenticator app."""
    return NotFoundError("Your account has no authenticator app.")


def passkey_exists() -> ConflictError:
    """Return the error for a passkey that was added already."""
    return ConflictError("This passkey was added already.")


def no_such_passkey() -> NotFoundError:
    """Return the error for a passkey that does not exist or was removed."""
    return NotFoundError("There is no such passkey.")


def no_such_message() -> NotFoundError:
    """Return the error for a message that does not exist in the channel or was deleted."""
    return NotFoundError("This message no longer exists.")


def no_such_entry() -> NotFoundError:
    """Return the error for an unknown entry of the channel's moderation log."""
    return NotFoundError("There is no such entry in the moderation log.")


def held_message_gone() -> NotFoundError:
    """Return the error for a held message that does not exist or was already decided."""
    return NotFoundError("This message was already reviewed.")


def held_message_claimed() -> ConflictError:
    """Return the error for a held message that another moderator is deciding about."""
    return ConflictError("Another moderator is reviewing this message. Try again in a moment.")


def recording_exists() -> ConflictError:
    """Return the error for a second recording of a stream."""
    return ConflictError("This stream is recorded already.")


def no_such_recording() -> NotFoundError:
    """Return the error for a recording that does not exist or was deleted."""
    return NotFoundError("There is no such recording.")


def no_such_report() -> NotFoundError:
    """Return the error for a report that does not exist."""
    return NotFoundError("There is no such report.")


def reported_before() -> ConflictError:
    """Return the error for a second report of one viewer about the same target."""
    return ConflictError("You have reported this already. The staff will look at it.")
