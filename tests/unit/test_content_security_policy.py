"""The Content-Security-Policy of documents."""

from base64 import b64encode
from hashlib import sha256

from streaming_app.backend.content_security_policy import notice_policy, page_policy

DOCUMENT = b"""<html><head><script>first();</script><script src="/site.js" defer></script>
<script type="module">import("/a.js");</script></head><body><script>first();</script></body></html>"""


def directives(policy: str) -> dict[str, list[str]]:
    """Return the directives of a policy with their values."""
    return {name: values for name, *values in (directive.split() for directive in policy.split(";"))}


def source_of(script: bytes) -> str:
    """Return the CSP source of an inline script."""
    return f"'sha256-{b64encode(sha256(script).digest()).decode()}'"


def test_a_page_may_run_its_inline_scripts_and_files_of_the_site_only() -> None:
    allowed = directives(page_policy(DOCUMENT))["script-src"]

    assert allowed == ["'self'", source_of(b"first();"), source_of(b'import("/a.js");')]


def test_a_page_may_run_the_script_that_the_server_adds() -> None:
    allowed = directives(page_policy(DOCUMENT, "play();"))["script-src"]

    assert source_of(b"play();") in allowed
    assert source_of(b"") not in directives(page_policy(DOCUMENT))["script-src"]


def test_a_page_runs_no_plugins_and_has_no_foreign_base_forms_or_frames() -> None:
    policy = directives(page_policy(DOCUMENT))

    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-src"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]


def test_a_framable_page_may_be_shown_in_frames_of_all_sites() -> None:
    assert directives(page_policy(DOCUMENT, is_framable=True))["frame-ancestors"] == ["*"]


def test_a_notice_loads_nothing_and_runs_only_its_script() -> None:
    policy = directives(notice_policy(b"<script>reload();</script>"))

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == [source_of(b"reload();")]


def test_a_page_may_load_the_widget_of_a_captcha_only_if_there_is_one() -> None:
    origins = ("https://captcha.example", "https://*.captcha.example")

    policy = directives(page_policy(DOCUMENT, widget_origins=origins))

    assert policy["frame-src"] == list(origins)
    assert policy["connect-src"] == ["'self'", *origins]
    assert set(origins) < set(policy["script-src"])
    assert "captcha" not in page_policy(DOCUMENT)
