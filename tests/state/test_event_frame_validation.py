"""Frames that the event websocket accepts or refuses."""

import json

import pytest
from reflex_base.registry import RegistrationContext

from streaming_app import streaming_app
from streaming_app.state.event_frame_validation import FRAME_MAX, BrokenFrameError, EventFrameReader

ROOT = "reflex___state____state"
SEND = f"{ROOT}.streaming_app___state___session____session_state.streaming_app___state___chat____chat_state.send"
MODERATE = SEND.removesuffix("send") + "moderate"
ENTERED = f"{ROOT}.streaming_app___state___login_form____login_state.ticket_refused"
SESSION = f"{ROOT}.streaming_app___state___session____session_state"
CREATED = f"{SESSION}.streaming_app___state___passkey_settings____passkey_settings.created"
SUBMIT = f"{ROOT}.streaming_app___state___login_form____login_state.submit"
BOOT = {
    "event": {
        "name": f"{ROOT}.hydrate_and_load",
        "payload": {"vars": {}, "hashes": []},
        "router_data": {"pathname": "/c/ann", "asPath": "/c/ann?t=1", "query": {"t": "1", "slug": "ann"}},
    },
    "state_schema": "abc",
}
JOIN = "40/_event," + json.dumps(BOOT)
SECRET = "correct horse"


def said(*message: object) -> str:
    return "42/_event," + json.dumps(message)


def event(name: object = SEND, **fields: object) -> str:
    return said("event", {"name": name, "payload": {"channel_id": "c", "text": "hi", "reply_to": ""}, **fields})


SOUND = {
    "what a passkey has signed": event(CREATED, payload={"passkey_answer": "x" * 5_000}),
    "an event": event(),
    "one whose text has a broken character, which chat takes out": event(
        payload={"channel_id": "c", "text": "\ud83d", "reply_to": ""}
    ),
    "a form": event(SUBMIT, payload={"form": {"login": "ann", "password": SECRET}}),
    "a form as Reflex's page sends it": event(
        SUBMIT, payload={"form": {"__reflex_form_data__": [["login", "ann"], ["password", SECRET]]}}
    ),
    "an event of an address that is no page's": event(router_data={"query": {"splat": ["c", "", "chat"]}}),
    "a page's error": said("client_error", {"message": "x is not a function"}),
    "the longest id": event(payload={"channel_id": "c" * 64, "text": "x" * 20_000, "reply_to": ""}),
    "a reason of a thousand bytes": event(ENTERED, payload={"failure": "é" * 512}),
    "a long form": event(SUBMIT, payload={"form": {"login": "x" * 60_000}}),
    "a pong": "3",
    "a farewell": "41/_event,",
    "an end": "1",
}

BROKEN = {
    "nothing": "",
    "a word": SECRET,
    "an unknown packet": "9",
    "a ping, which is the server's": "2",
    "bytes": b"\x00\x01",
    "an event in bytes": event().encode(),
    "an announcement of bytes": '451-/_event,["event",{"_placeholder":true,"num":0}]',
    "an acknowledgement": "43/_event,1[]",
    "another namespace": '42/admin,["event",{}]',
    "no namespace": '42["event",{}]',
    "half of an event": event()[:-3],
    "brackets without end": "42/_event," + "[" * 50_000,
    "a number without end": "42/_event," + "9" * 6_000,
    "a number": "42/_event,5",
    "no data": "42/_event,",
    "an unknown message": said("shutdown", {}),
    "an event without its data": said("event"),
    "an event with more than its data": said("event", {}, {}),
    "an event that is a string": said("event", SECRET),
    "an event that is a list": said("event", [SECRET]),
    "a page's error that is a string": said("client_error", SECRET),
    "an event without a name": said("event", {"payload": {}}),
    "a name that is a number": event(name=5),
    "an event of no state": event("a.b.c"),
    "a method that is no event": event(f"{ROOT}.streaming_app___state___session____session_state.verified"),
    "a private method": event(f"{ROOT}.streaming_app___state___session____session_state._be"),
    "a var set from outside": event(
        f"{ROOT}.streaming_app___state___session____session_state.setvar",
        payload={"var_name": "username", "value": "ann"},
    ),
    "a payload that is a list": event(payload=["c", "hi"]),
    "an argument too few": event(payload={"channel_id": "c"}),
    "an argument too many": event(payload={"channel_id": "c", "text": "hi", "reply_to": "", "user_id": "u"}),
    "an argument that is a number": event(payload={"channel_id": "c", "text": 5, "reply_to": ""}),
    "an argument that is nothing": event(payload={"channel_id": None, "text": "hi", "reply_to": ""}),
    "a form that is a string": event(SUBMIT, payload={"form": SECRET}),
    "a form with a list in it": event(SUBMIT, payload={"form": {"login": [SECRET]}}),
    "a form with half a field": event(SUBMIT, payload={"form": {"__reflex_form_data__": [["login"]]}}),
    "an address that is a number": event(router_data={"pathname": 5}),
    "a query that is a string": event(router_data={"query": "a=b"}),
    "a second join": JOIN,
    "an event of a trace": event(traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01"),
    "too much": event(payload={"channel_id": "c", "text": "x" * FRAME_MAX, "reply_to": ""}),
    "too many bytes": event(payload={"channel_id": "c", "text": "x", "reply_to": ""}).replace("x", "🔥" * 20_000),
    "an id that is a story": event(payload={"channel_id": "c" * 65, "text": "hi", "reply_to": ""}),
    "an answer to a story": event(payload={"channel_id": "c", "text": "hi", "reply_to": "é" * 33}),
    "a failure that is a book": event(ENTERED, payload={"failure": "🔥" * 257}),
    "minutes that are a story": event(
        MODERATE,
        payload=dict.fromkeys(("channel_id", "action", "name", "message_id", "reason"), "x") | {"minutes": "5" * 65},
    ),
    "an address without end": event(router_data={"query": {"a": "🔥" * 9_000}}),
}


@pytest.fixture
def reader() -> EventFrameReader:
    assert streaming_app.app, "its import registers the events"
    return EventFrameReader(RegistrationContext.get().event_handlers)


@pytest.mark.parametrize("what", SOUND)
def test_events_that_pages_send_are_accepted_with_their_names(reader: EventFrameReader, what: str) -> None:
    assert reader.check(JOIN) == f"{ROOT}.hydrate_and_load"

    event_name = reader.check(SOUND[what])

    assert event_name == (json.loads(SOUND[what].partition(",")[2])[1]["name"] if '"event"' in SOUND[what] else "")


@pytest.mark.parametrize("what", BROKEN)
def test_frames_that_no_page_sends_are_refused_without_quoting_them(reader: EventFrameReader, what: str) -> None:
    reader.check(JOIN)

    with pytest.raises(BrokenFrameError) as refused:
        reader.check(BROKEN[what])

    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("auth", ["", "null", json.dumps({"state_schema": None})])
def test_a_page_may_join_without_an_event(reader: EventFrameReader, auth: str) -> None:
    reader.check("40/_event," + auth)

    reader.check(event())


@pytest.mark.parametrize("auth", ["5", "{", '"token"', json.dumps({"event": 5}), json.dumps({"event": {"name": "x"}})])
def test_joining_with_an_invalid_event_is_refused(reader: EventFrameReader, auth: str) -> None:
    with pytest.raises(BrokenFrameError):
        reader.check("40/_event," + auth)


def test_events_before_joining_are_refused(reader: EventFrameReader) -> None:
    with pytest.raises(BrokenFrameError):
        reader.check(event())
