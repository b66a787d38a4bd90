"""The page with the mails that a site without a mail server would have sent."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from starlette.exceptions import HTTPException

from streaming_app.backend.accounts.account_mails import MAILBOX_PAGE
from streaming_app.backend.adapters.development_mailbox import MAILS_MAX
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.client_addresses import is_local_host, is_local_request

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_FRAME = '<base target="_top"><style>body { padding: 0 !important; background: none !important }</style>'
"""Opens links of a mail in the whole tab, and removes its outer margin."""

_PAGE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Development mailbox</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d9d6cc, #34383a); --quiet: light-dark(#5c5a52, #a5aaa6) }
  body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 46rem; font: 1rem/1.5 system-ui, sans-serif;
         background: light-dark(#f8f7f3, #101312); color: light-dark(#1c1b17, #eceae4) }
  h1 { margin: 0; font-size: 1.5rem } h2 { margin: 0; font-size: 1.1rem }
  p { margin: .5rem 0 0; color: var(--quiet) }
  article { margin-top: 1.5rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: 16px; overflow: hidden;
            background: light-dark(#fff, #181c1b) }
  iframe { display: block; width: 100%; height: 30rem; margin-top: 1rem; border: 0; border-radius: 12px;
           background: #fff }
  summary { cursor: pointer } details { margin-top: 1rem }
  pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.5 ui-monospace, monospace }
</style>
</head>
<body>
<h1>Development mailbox</h1>
<p>The site has no mail server, so it sent none of these mails. It keeps the newest {{ most }}, and shows them
only on this machine. Set SMTP_URL, MAIL_FROM and PUBLIC_URL to send mail; then this page does not exist.</p>
{% for kept in mails %}
<article>
<h2>{{ kept.mail.subject }}</h2>
<p>To {{ kept.to }}, {{ kept.at.strftime("%Y-%m-%d %H:%M:%S") }} UTC</p>
<iframe title="{{ kept.mail.subject }} to {{ kept.to }}" loading="lazy"
  sandbox="allow-top-navigation-by-user-activation" srcdoc="{{ frame + kept.mail.html }}"></iframe>
<details><summary>Plain text</summary><pre>{{ kept.mail.text | urlize }}</pre></details>
</article>
{% else %}
<article><p>There are no mails yet. Ask for a password reset link, for example, and reload this page.</p></article>
{% endfor %}
</body>
</html>
""")


@router.get(MAILBOX_PAGE)
async def mailbox(request: Request, backend: OpenBackend) -> Response:
    """Show the kept mails, newest first. The page exists only for browsers on this machine."""
    if backend.mailbox is None or not _is_local(request):
        raise HTTPException(404)
    page = _PAGE.render(mails=await backend.mailbox.newest(), most=MAILS_MAX, frame=_FRAME)
    return HTMLResponse(page, headers=_HEADERS)


def _is_local(request: Request) -> bool:
    """Whether the request comes from this machine.

    The host is checked too. So a page of another site cannot read the mails by DNS rebinding, and neither can the
    clients of a tunnel that hides their addresses.
    """
    headers = request.headers
    hosts = [headers.get("host", ""), *headers.getlist("x-forwarded-host")]
    peer = request.client.host if request.client else ""
    forwarded_for = ",".join(headers.getlist("x-forwarded-for"))
    return "forwarded" not in headers and is_local_request(peer, forwarded_for) and all(map(is_local_host, hosts))
