"""The encoding of events, which must not change."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from streaming_app.backend.events import (
    DEAD_LETTER_SUFFIX,
    TOPICS,
    AccountDeleted,
    ChatEmotesChanged,
    ChatMessagePayload,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
    Event,
    LogRecorded,
    PublisherRefused,
    QuotedMessagePayload,
    SessionRevoked,
    StreamEnded,
    StreamStarted,
    StreamUpdated,
    UndecodableEventError,
    ViewersCounted,
    decode,
    encode,
)

AT = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
HEAD: dict[str, Any] = {"event_id": "e1", "at": AT}
HEAD_BYTES = '{"event_id":"e1","at":"2026-11-24T12:30:15.123000Z",'

QUOTE = QuotedMessagePayload(message_id="m1", username="Ann", text="hi")
LINE = ChatMessagePayload(
    message_id="m2",
    user_id="u2",
    username="Bob",
    text="yes",
    sent_at=AT,
    position=2**63 - 1,
    role="owner",
    reply_to=QUOTE,
)
LINE_BYTES = (
    '{"message_id":"m2","user_id":"u2","username":"Bob","text":"yes","sent_at":"2026-11-24T12:30:15.123000Z",'
    '"position":9223372036854775807,"role":"owner","reply_to":{"message_id":"m1","username":"Ann","text":"hi"}}'
)

GOLDEN: list[tuple[Event, str, str, str]] = [
    (
        StreamStarted(**HEAD, channel_id="c1", stream_id="x1", title="Рисую 🐈", category="Art", slug="a", name="A"),
        "streaming.streams.v1",
        "c1",
        (
            '"channel_id":"c1","type":"StreamStarted","stream_id":"x1","title":"Рисую 🐈","category":"Art",'
            '"slug":"a","name":"A"}'
        ),
    ),
    (
        StreamUpdated(**HEAD, channel_id="c1", stream_id="x1", title="Hello", category="", publisher_connected=False),
        "streaming.streams.v1",
        "c1",
        (
            '"channel_id":"c1","type":"StreamUpdated","stream_id":"x1","title":"Hello","category":"",'
            '"publisher_connected":false,"started_at":null}'
        ),
    ),
    (
        StreamEnded(**HEAD, channel_id="c1", stream_id="x1", duration_seconds=90.5),
        "streaming.streams.v1",
        "c1",
        (
            '"channel_id":"c1","type":"StreamEnded","stream_id":"x1","duration_seconds":90.5,"title":"",'
            '"category":"","started_at":null,"ended_at":null,"by_owner":false}'
        ),
    ),
    (
        PublisherRefused(**HEAD, channel_id="c1", address="192.0.2.7", software="OBS", reason="Wrong key."),
        "streaming.views.v1",
        "c1",
        ('"channel_id":"c1","type":"PublisherRefused","address":"192.0.2.7","software":"OBS","reason":"Wrong key."}'),
    ),
    (
        ChatMessageSent(**HEAD, channel_id="c1", user_id="u1", username="Ann", text='say "hi"\n</script>'),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatMessageSent","user_id":"u1","username":"Ann",'
            '"text":"say \\"hi\\"\\n</script>","role":"viewer","reply_to":null}'
        ),
    ),
    (
        ChatMessageSent(
            **HEAD, channel_id="c1", user_id="u2", username="Bob", text="yes", role="moderator", reply_to=QUOTE
        ),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatMessageSent","user_id":"u2","username":"Bob","text":"yes",'
            '"role":"moderator","reply_to":{"message_id":"m1","username":"Ann","text":"hi"}}'
        ),
    ),
    (
        ChatMessagesDeleted(**HEAD, channel_id="c1", entry_id="l1", message_ids=("m1", "m2")),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatMessagesDeleted","entry_id":"l1","message_ids":["m1","m2"],'
            '"user_id":"","username":""}'
        ),
    ),
    (
        ChatMessagesDeleted(**HEAD, channel_id="c1", entry_id="l1", user_id="u1", username="Ann"),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatMessagesDeleted","entry_id":"l1","message_ids":[],'
            '"user_id":"u1","username":"Ann"}'
        ),
    ),
    (
        ChatMessagesRestored(**HEAD, channel_id="c1", entry_id="l1", lines=(LINE,)),
        "streaming.chat.v1",
        "c1",
        f'"channel_id":"c1","type":"ChatMessagesRestored","entry_id":"l1","lines":[{LINE_BYTES}]}}',
    ),
    (
        ChatterBanned(**HEAD, channel_id="c1", user_id="u1", username="Ann", until=AT, reason="spam"),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatterBanned","user_id":"u1","username":"Ann",'
            '"until":"2026-11-24T12:30:15.123000Z","reason":"spam"}'
        ),
    ),
    (
        ChatterBanned(**HEAD, channel_id="c1", user_id="u1", username="Ann", until=None, reason=""),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatterBanned","user_id":"u1","username":"Ann","until":null,"reason":""}',
    ),
    (
        ChatterUnbanned(**HEAD, channel_id="c1", user_id="u1", username="Ann"),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatterUnbanned","user_id":"u1","username":"Ann"}',
    ),
    (
        ChatterRoleChanged(**HEAD, channel_id="c1", user_id="u1", username="Ann", role="moderator"),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatterRoleChanged","user_id":"u1","username":"Ann","role":"moderator"}',
    ),
    (
        ChatRulesChanged(**HEAD, channel_id="c1", slow_seconds=10, followers_only_minutes=None, account_age_minutes=60),
        "streaming.chat.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ChatRulesChanged","slow_seconds":10,"followers_only_minutes":null,'
            '"account_age_minutes":60}'
        ),
    ),
    (
        ChatPinned(**HEAD, channel_id="c1", line=LINE),
        "streaming.chat.v1",
        "c1",
        f'"channel_id":"c1","type":"ChatPinned","line":{LINE_BYTES}}}',
    ),
    (
        ChatPinned(**HEAD, channel_id="c1", line=None),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatPinned","line":null}',
    ),
    (
        ChatEmotesChanged(**HEAD, channel_id="c1"),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatEmotesChanged"}',
    ),
    (
        ChatModerated(**HEAD, channel_id="c1"),
        "streaming.chat.v1",
        "c1",
        '"channel_id":"c1","type":"ChatModerated"}',
    ),
    (
        ViewersCounted(
            **HEAD, channel_id="c1", process_id="p1", viewers=42, whole=True, came=("@Ann", "x7Jk2"), went=("@Bob",)
        ),
        "streaming.views.v1",
        "c1",
        (
            '"channel_id":"c1","type":"ViewersCounted","process_id":"p1","viewers":42,"whole":true,'
            '"came":["@Ann","x7Jk2"],"went":["@Bob"]}'
        ),
    ),
    (
        SessionRevoked(**HEAD, user_id="u1"),
        "streaming.accounts.v1",
        "u1",
        '"user_id":"u1","type":"SessionRevoked"}',
    ),
    (
        AccountDeleted(**HEAD, user_id="u1", username="Ann", channel_id="c1"),
        "streaming.accounts.v1",
        "u1",
        '"user_id":"u1","username":"Ann","channel_id":"c1","type":"AccountDeleted"}',
    ),
    (
        LogRecorded(
            **HEAD, process="web", level="error", logger="l", message="%s failed", place="m:7", error="ValueError"
        ),
        "streaming.logs.v1",
        "web",
        (
            '"process":"web","level":"error","logger":"l","message":"%s failed","place":"m:7","error":"ValueError",'
            '"type":"LogRecorded"}'
        ),
    ),
]

IDS = [event.type for event, *_ in GOLDEN]

CHAT = HEAD_BYTES + '"channel_id":"c1","type":"ChatMessageSent","user_id":"u1","username":"Ann","text":"hi"}'


@pytest.mark.parametrize(("event", "topic", "key", "tail"), GOLDEN, ids=IDS)
def test_an_event_is_encoded_to_the_golden_bytes(event: Event, topic: str, key: str, tail: str) -> None:
    assert encode(event) == (HEAD_BYTES + tail).encode()


@pytest.mark.parametrize(("event", "topic", "key", "tail"), GOLDEN, ids=IDS)
def test_the_golden_bytes_are_decoded_to_the_event(event: Event, topic: str, key: str, tail: str) -> None:
    assert decode((HEAD_BYTES + tail).encode()) == event


@pytest.mark.parametrize(("event", "topic", "key", "tail"), GOLDEN, ids=IDS)
def test_an_event_has_its_topic_and_key(event: Event, topic: str, key: str, tail: str) -> None:
    assert (event.topic, event.key) == (topic, key)
    assert topic in TOPICS


def test_messages_of_the_first_version_have_the_viewer_role_and_no_quote() -> None:
    assert decode(CHAT.encode()) == ChatMessageSent(
        **HEAD, channel_id="c1", user_id="u1", username="Ann", text="hi", role="viewer", reply_to=None
    )


def test_viewer_counts_of_the_first_version_are_decoded() -> None:
    before = HEAD_BYTES + '"channel_id":"c1","type":"ViewersCounted","process_id":"p1","viewers":42}'

    assert decode(before.encode()) == ViewersCounted(**HEAD, channel_id="c1", process_id="p1", viewers=42)


def test_every_event_has_golden_bytes() -> None:
    assert {type(event) for event, *_ in GOLDEN} == set(get_args(Event))


def test_no_topic_is_the_dead_letter_topic_of_another() -> None:
    assert not {topic + DEAD_LETTER_SUFFIX for topic in TOPICS} & set(TOPICS)


def test_every_event_gets_a_unique_id() -> None:
    first, second = (SessionRevoked(at=AT, user_id="u1") for _ in range(2))

    assert first.event_id != second.event_id
    assert len(first.event_id) == 32


def test_events_are_frozen() -> None:
    with pytest.raises(ValidationError):
        SessionRevoked(at=AT, user_id="u1").user_id = "u2"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        SessionRevoked(at=AT.replace(tzinfo=None), user_id="u1")


def test_fields_added_by_a_later_version_are_ignored() -> None:
    event = decode(CHAT.replace('"user_id"', '"colour":"red","user_id"').encode())

    assert isinstance(event, ChatMessageSent)
    assert event.text == "hi"


UNDECODABLE = {
    "nothing": b"",
    "no JSON": b"s3cret",
    "half an event": CHAT.encode()[:-10],
    "two events": (CHAT + CHAT).encode(),
    "no object": b'["s3cret"]',
    "null": b"null",
    "no UTF-8": CHAT.encode().replace(b"hi", b"\xff\xfes3cret"),
    "a lone surrogate": CHAT.replace("hi", "\\ud800").encode(),
    "no type": b'{"event_id":"e1","at":"2026-11-24T12:30:15Z","user_id":"s3cret"}',
    "a type of the future": CHAT.replace("ChatMessageSent", "s3cretMessageSent").encode(),
    "a type that is no text": CHAT.replace('"ChatMessageSent"', '{"s3cret":1}').encode(),
    "a field missing": CHAT.replace('"user_id":"u1",', "").encode(),
    "a field of another kind": CHAT.replace('"hi"', '{"s3cret":1}').encode(),
    "a role that there is not": CHAT.replace('"hi"', '"hi","role":"s3cret"').encode(),
    "an answer to nothing": CHAT.replace('"hi"', '"hi","reply_to":{"text":"s3cret"}').encode(),
    "slower than not at all": (
        HEAD_BYTES + '"channel_id":"s3cret","type":"ChatRulesChanged","slow_seconds":-1,"followers_only_minutes":null,'
        '"account_age_minutes":0}'
    ).encode(),
    "no instant": CHAT.replace("2026-11-24T12:30:15.123000Z", "s3cret").encode(),
    "an instant without a zone": CHAT.replace("123000Z", "123000").encode(),
    "fewer than no viewers": (
        HEAD_BYTES + '"channel_id":"c1","type":"ViewersCounted","process_id":"s3cret","viewers":-1}'
    ).encode(),
    "a deep nest": b"[" * 100_000,
}


@pytest.mark.parametrize("data", UNDECODABLE.values(), ids=UNDECODABLE.keys())
def test_invalid_events_are_refused_without_quoting_them(data: bytes) -> None:
    with pytest.raises(UndecodableEventError) as refused:
        decode(data)

    assert str(refused.value)
    assert "s3cret" not in str(refused.value)
