"""The mails of the site, as plain text and as HTML."""

from dataclasses import dataclass
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


def password_changed_mail(username: str, forgot_link: str) -> Mail:
    """Return the mail that tells users that their password was changed."""
    return _mail(
        "Your password was changed",
        [
            f"Hello {username},",
            f"the password of your account on {SITE_NAME} was changed, and all other browsers were signed out.",
            "If it wasn't you, set a new password now:",
        ],
        ("Set a new password", forgot_link),
        [],
    )


def _mail(subject: str, before: list[str], button: tuple[str, str], after: list[str]) -> Mail:
    label, url = button
    html = [
        *(_PARAGRAPH.format(text=escape(text)) for text in before),
        _BUTTON.format(url=escape(url), label=escape(label)),
        *(_PARAGRAPH.format(text=escape(text)) for text in after),
    ]
    return Mail(
        subject=f"{subject} - {SITE_NAME}",
        text="\n\n".join([*before, url, *after]) + "\n",
        html=_HTML.format(site=SITE_NAME, paragraphs="\n      ".join(html)),
    )
