"""The mails of the site, as plain text and as HTML."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

SITE_NAME = "streaming_app"

_HTML = """\
<!doctype html>
<html lang="en">
  <body style="margin: 0; padding: 32px 16px; background: #f6f5f1; color: #1c1b17; font: 16px/1.5 sans-serif">
    <div style="max-width: 480px; margin: 0 auto; padding: 32px; background: #fff; border-radius: 16px">
      <p style="margin: 0 0 24px; font-weight: 700">{site}</p>
      {paragraphs}
    </div>
  </body>
</html>
"""
_PARAGRAPH = '<p style="margin: 0 0 16px">{text}</p>'
_BUTTON = (
    '<p style="margin: 24px 0"><a href="{url}" style="display: inline-block; padding: 12px 20px; border-radius: 10px;'
    ' background: #1c1b17; color: #fff; text-decoration: none; font-weight: 600">{label}</a></p>'
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without sender and recipient."""

    subject: str
    text: str
    html: str


def password_reset_mail(username: str, link: str, lifetime: str) -> Mail:
    """Return the mail with a password reset link. ``lifetime`` is how long the link is valid, such as "1 hour"."""
    return _mail(
        "Set a new password",
        [
            f"Hello {username},",
            f"somebody, hopefully you, wants to set a new password for your account on {SITE_NAME}.",
        ],
        ("Set a new password", link),
        [
            f"The link works once, within {lifetime}.",
            "If it wasn't you, you need to do nothing: your password stays as it is.",
        ],
    )


def password_changed_mail(username: str, forgot_link: str, *, ended_tokens: bool = False) -> Mail:
    """Return the mail that tells users that their password was changed, and whether their API tokens have ended."""
    tokens = "Your API tokens do not work now." if ended_tokens else "Your API tokens still work."
    return _mail(
        "Your password was changed",
        [
            f"Hello {username},",
            f"the password of your account on {SITE_NAME} was changed, and all other browsers were signed out.",
            tokens,
            "If it wasn't you, set a new password now:",
        ],
        ("Set a new password", forgot_link),
        [],
    )


def registration_mail(username: str, link: str) -> Mail:
    """Return the mail with the link that creates an account."""
    return _mail(
        "Finish your registration",
        [
            f"Hello {username},",
            f"somebody, hopefully you, wants to create an account on {SITE_NAME} with this email.",
        ],
        ("Choose a password", link),
        [
            "The link works once, within 24 hours.",
            "If it wasn't you, you need to do nothing: without the link, no account is created.",
        ],
    )


def already_registered_mail(username: str, sign_in_link: str, forgot_link: str) -> Mail:
    """Return the mail for the owner of an email that somebody wanted to use for another account."""
    return _mail(
        "You already have an account",
        [
            f"Hello {username},",
            f"somebody, hopefully you, wants to use this email for an account on {SITE_NAME}.",
            f"It is the email of your account {username} already, so nothing was changed.",
        ],
        ("Sign in", sign_in_link),
        [
            f"If you forgot your password, you can set a new one: {forgot_link}",
            "If it wasn't you, you need to do nothing.",
        ],
    )


def confirmation_mail(username: str, link: str) -> Mail:
    """Return the mail with the link that confirms the email of an account."""
    return _mail(
        "Confirm your email",
        [f"Hello {username},", f"please confirm that this is the email of your account on {SITE_NAME}."],
        ("Confirm this email", link),
        ["The link works once, within 24 hours.", "If this is not your account, you need to do nothing."],
    )


def change_of_email_mail(username: str, link: str) -> Mail:
    """Return the mail to the new email of an account, with the link that confirms it."""
    return _mail(
        "Confirm your new email",
        [f"Hello {username},", f"please confirm that this is the new email of your account on {SITE_NAME}."],
        ("Use this email", link),
        [
            "The link works once, within 24 hours. Until then, your account keeps its present email.",
            "If it wasn't you, you need to do nothing.",
        ],
    )


def change_of_email_notice(username: str, email: str, link: str) -> Mail:
    """Return the mail to the present email of an account before ``email`` replaces it.

    ``link`` keeps or restores the present email; it is empty if the present email was never confirmed.
    """
    what_to_do = "Keep this email, and then set a new password:" if link else "Sign in and change it now."
    return _mail(
        "Your email is being changed",
        [
            f"Hello {username},",
            f"the email of your account on {SITE_NAME} is being changed to {email}.",
            "If it was you, you need to do nothing here: open the link in the mail to the new address.",
            "If it wasn't you, somebody else may know your password. " + what_to_do,
        ],
        ("Keep this email", link),
        ["The link works within 7 days, also after the change."] if link else [],
    )


def method_changed_mail(username: str, method: str, forgot_link: str, *, is_added: bool) -> Mail:
    """Return the mail that tells users that a way to sign in, such as "passkey", was added or removed."""
    change = "added to" if is_added else "removed from"
    article = "An" if method[0] in "aeiou" else "A"
    return _mail(
        f"{article} {method} was {change} your account",
        [
            f"Hello {username},",
            f"{article.lower()} {method} was {change} your account on {SITE_NAME}.",
            "If it wasn't you, set a new password now, which signs out all browsers, and check your security settings:",
        ],
        ("Set a new password", forgot_link),
        [],
    )


def recovery_code_used_mail(username: str, left: int, forgot_link: str) -> Mail:
    """Return the mail that tells users that a recovery code was used, and how many are ``left``."""
    return _mail(
        "A recovery code was used",
        [
            f"Hello {username},",
            f"somebody, hopefully you, signed in to your account on {SITE_NAME} with a recovery code. {left} are left.",
            "If it wasn't you, set a new password now, and create new recovery codes in your security settings:",
        ],
        ("Set a new password", forgot_link),
        [],
    )


def wrong_codes_mail(username: str, forgot_link: str) -> Mail:
    """Return the mail that tells users that somebody has failed the second step of a sign-in several times."""
    return _mail(
        "Somebody entered wrong codes for your account",
        [
            f"Hello {username},",
            f"somebody did the first step of a sign-in to your account on {SITE_NAME}, for example with your password.",
            "In the second step, they entered several wrong codes, which were refused.",
            "If it was you, you need to do nothing. If it wasn't you, somebody may know your password. Set a new one:",
        ],
        ("Set a new password", forgot_link),
        [],
    )


def deletion_requested_mail(username: str, deletes_at: datetime, sign_in_link: str) -> Mail:
    """Return the mail that tells users that their account will be deleted, and when."""
    date = f"{deletes_at.day} {deletes_at:%B %Y}"
    return _mail(
        "Your account will be deleted",
        [
            f"Hello {username},",
            f"your account on {SITE_NAME} will be deleted on {date}, with your channel, recordings and chat messages.",
            "Until then it is hidden. If you change your mind, or if it wasn't you, sign in and keep the account:",
        ],
        ("Sign in", sign_in_link),
        [],
    )


def report_reviewed_mail(username: str, reports_link: str) -> Mail:
    """Return the mail that tells users that the staff reviewed a report of theirs."""
    return _mail(
        "Your report was reviewed",
        [
            f"Hello {username},",
            f"the staff of {SITE_NAME} reviewed a report that you sent. The outcome is on the page of your reports:",
        ],
        ("Open your reports", reports_link),
        [],
    )


def account_deleted_mail(username: str, home_link: str) -> Mail:
    """Return the mail that tells users that their account was deleted."""
    return _mail(
        "Your account was deleted",
        [
            f"Hello {username},",
            f"your account on {SITE_NAME} was deleted, with everything that belonged to it. You will get no more mail.",
        ],
        (f"Open {SITE_NAME}", home_link),
        [],
    )


def _mail(subject: str, before: list[str], button: tuple[str, str], after: list[str]) -> Mail:
    """Compose a mail of paragraphs. ``button`` has a label and a URL; there is no button if the URL is empty."""
    label, url = button
    html = [
        *(_PARAGRAPH.format(text=escape(text)) for text in before),
        _BUTTON.format(url=escape(url), label=escape(label)) if url else "",
        *(_PARAGRAPH.format(text=escape(text)) for text in after),
    ]
    return Mail(
        subject=f"{subject} - {SITE_NAME}",
        text="\n\n".join([*before, *filter(None, [url]), *after]) + "\n",
        html=_HTML.format(site=SITE_NAME, paragraphs="\n      ".join(html)),
    )
