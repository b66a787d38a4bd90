"""Repair of pasted stream keys."""

import pytest

from streaming_app.backend.rtmp_callback_form import parse_callback_form
from streaming_app.backend.streams.pasted_stream_key import repair_pasted_stream_key

TIDY = {"app": "live", "name": "c1", "key": "s3cret"}


@pytest.mark.parametrize(
    "form",
    [
        {"app": "live", "name": "c1", "key": "s3cret"},
        {"app": "live/", "name": "c1", "key": "s3cret"},
        {"app": "live", "name": "c1", "key": "s3cret "},
        {"app": "live", "name": "c1", "key": "s3cret\n"},
        {"app": "live", "name": " c1", "key": "\ts3cret\r\n"},
        {"app": "live", "name": "/c1", "key": "s3cret"},
        {"app": "live", "name": "c1/", "key": "s3cret"},
        {"app": "live", "name": "c1%3Fkey%3Ds3cret"},
        {"app": "live", "name": "c1%3fkey%3ds3cret%20"},
        {"app": "live", "name": "c1", "tcurl": "rtmp://host/live?key=s3cret"},
        {"app": "live?key=s3cret", "name": "c1", "tcurl": "rtmp://host:1935/live?key=s3cret"},
        {"app": "live", "name": "c1", "tcurl": "rtmp://host/live?key=s3cret", "key": "s3cret"},
        {"app": "live", "name": "live/c1", "key": "s3cret"},
        {"app": "live", "name": "rtmp://host/live/c1", "key": "s3cret"},
        {"app": "live", "name": "rtmps://host:1936/live/c1?key=s3cret"},
        {"app": "", "name": "live/c1", "key": "s3cret"},
        {"app": "live/c1", "name": "", "tcurl": "rtmp://host/live/c1?key=s3cret"},
    ],
)
def test_an_unambiguous_pasted_key_is_repaired(form: dict[str, str]) -> None:
    assert {field: repair_pasted_stream_key(form)[field] for field in TIDY} == TIDY


@pytest.mark.parametrize(
    "form",
    [
        {"app": "live", "name": ""},
        {"app": "live", "name": "c1/x", "key": "s3cret"},
        {"app": "other", "name": "c1", "key": "s3cret"},
        {"app": "live", "name": "../../etc", "key": "s3cret"},
        {"app": "live", "name": "c1%3Fkey%3Ds3cret", "key": "another"},
        {"app": "live", "name": "rtmp://[host/live/c1", "key": "s3cret"},
        {"app": "live", "name": "?".join(["c1", *["key=a&"] * 99])},
    ],
)
def test_an_ambiguous_or_invalid_key_is_not_changed(form: dict[str, str]) -> None:
    assert repair_pasted_stream_key(form) == form


def test_the_first_key_is_used_and_added_fields_are_ignored() -> None:
    form = parse_callback_form(b"app=live&name=c1&key=first&key=second&name=c2&app=other&tcurl=rtmp://h/live?key=third")

    assert {field: repair_pasted_stream_key(form)[field] for field in TIDY} == {**TIDY, "key": "first"}


def test_connection_fields_of_nginx_are_not_changed() -> None:
    form = {"app": "live", "name": " c1", "key": "s", "addr": " 192.0.2.7", "clientid": "7", "call": "publish"}

    assert repair_pasted_stream_key(form) == {**form, "name": "c1"}
