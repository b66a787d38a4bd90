"""View models of channels and streams."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from streaming_app import routes
from streaming_app.backend.events import ViewersCounted
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.model import Broadcast, Channel, Latency, Publisher, Stream
from streaming_app.state.view_models import channel_view, hue_of, initials_of, live_list

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHANNEL = Channel("c1", "u1", "mara", "Mara", "Echoes", "Music", "hash", b"sealed", NOW)
STREAM = Stream("s1", "c1", NOW, "Tonight", "Workshop", Publisher("1", "", ""), seen_at=NOW)


def test_a_live_channel_has_the_title_of_its_stream() -> None:
    view = channel_view(CHANNEL, STREAM, 3)

    assert (view.title, view.category, view.state, view.viewers) == ("Tonight", "Workshop", "live", 3)
    assert view.started_at == "2026-11-24T12:00:00.000+00:00"


def test_an_offline_channel_has_its_own_title_and_no_start_time() -> None:
    view = channel_view(CHANNEL, None, 0)

    assert (view.title, view.category, view.state, view.started_at) == ("Echoes", "Music", "offline", "")


def test_a_channel_after_a_stream_has_the_end_time_and_its_own_title() -> None:
    view = channel_view(CHANNEL, replace(STREAM, ended_at=NOW), 0, recording_id="s1")

    assert (view.title, view.state, view.started_at) == ("Echoes", "offline", "")
    assert (view.ended_at, view.stream_id, view.recording_id) == ("2026-11-24T12:00:00.000+00:00", "s1", "s1")


def test_a_stream_without_its_publisher_is_reconnecting() -> None:
    assert channel_view(CHANNEL, replace(STREAM, dropped_at=NOW), 0).state == "reconnecting"


def test_a_channel_of_normal_delay_has_no_low_latency_playlist() -> None:
    low = channel_view(CHANNEL, STREAM, 0)
    normal = channel_view(replace(CHANNEL, latency=Latency.NORMAL), STREAM, 0)

    assert (low.latency, low.low_latency, low.playlist) == ("low", "/ll/c1/index.m3u8", "/hls/c1/index.m3u8")
    assert (normal.latency, normal.low_latency, normal.playlist) == ("normal", "", "/hls/c1/index.m3u8")


def test_only_a_channel_in_real_time_has_a_websocket_for_frames() -> None:
    views = [channel_view(replace(CHANNEL, latency=latency), STREAM, 0) for latency in Latency]

    assert {view.latency: view.realtime for view in views} == {"realtime": "/rt/c1/source", "low": "", "normal": ""}
    assert views[0].low_latency == "/ll/c1/index.m3u8"


def test_a_view_contains_neither_owner_id_nor_key() -> None:
    shown = str(channel_view(CHANNEL, STREAM, 0))

    assert not any(secret in shown for secret in ("u1", "hash", "sealed"))


def test_each_stream_has_its_own_thumbnail_url() -> None:
    ended = replace(STREAM, ended_at=NOW)

    assert channel_view(CHANNEL, None, 0).preview == ""
    assert channel_view(CHANNEL, STREAM, 0).preview == channel_view(CHANNEL, ended, 0).preview
    assert channel_view(CHANNEL, STREAM, 0).preview == "/thumbnails/c1-s1.jpg"
    assert channel_view(CHANNEL, replace(STREAM, stream_id="s2"), 0).preview == "/thumbnails/c1-s2.jpg"


def test_the_live_list_is_ordered_by_viewers_and_stable() -> None:
    audience = Audience(lambda: 0.0)
    audience.apply(ViewersCounted(at=NOW, channel_id="c3", process_id="p", viewers=5))
    broadcasts = [Broadcast(replace(CHANNEL, channel_id=channel_id), STREAM) for channel_id in ("c1", "c2", "c3")]

    assert [view.channel_id for view in live_list(broadcasts, audience)] == ["c3", "c1", "c2"]


@pytest.mark.parametrize(
    ("name", "initials"), [("Mara Lind", "ML"), ("oslo_nights", "ON"), ("sam.b", "SB"), ("Q", "Q"), ("", "")]
)
def test_initials_are_the_first_letters_of_two_words_or_the_first_two_letters(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_a_name_has_the_same_hue_in_any_case() -> None:
    assert hue_of("Mara") == hue_of("mara") == 248


@pytest.mark.parametrize(
    "names", [[f"ann{n}" for n in range(1, 10)], ["ada", "bea", "cal_codes", "dan", "eve", "finn"]]
)
def test_similar_names_have_different_hues(names: list[str]) -> None:
    sectors = {hue_of(name) // 30 for name in names}

    assert len(sectors) >= 5


@pytest.mark.parametrize("path", ["/c/Mara", "/c/mara/", "/c/%6Dara"])
def test_the_slug_is_read_from_any_form_of_a_url(path: str) -> None:
    assert routes.slug_of(path) == "mara"


def test_the_sign_in_link_has_the_path_to_return_to() -> None:
    assert routes.login(routes.channel("mara")) == "/login?next=/c/mara"
