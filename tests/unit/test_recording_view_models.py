"""View models of recordings."""

from datetime import UTC, datetime

import pytest

from streaming_app import routes
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from streaming_app.backend.streams.model import Channel
from streaming_app.state.recording_view_models import clock, recording_view, size, spoken

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHANNEL = Channel("c1", "u1", "mara", "Mara", "Echoes", "Music", "hash", b"sealed", NOW)
RUNNING = Recording("r1", "c1", "Tonight", "Workshop", NOW, seconds=3725.4, size=1_234_567_890)


def test_a_recording_view_has_the_urls_of_its_files() -> None:
    view = recording_view(CHANNEL, RUNNING)

    assert (view.title, view.category, view.slug) == ("Tonight", "Workshop", "mara")
    assert (view.duration, view.spoken, view.size) == ("1:02:05", "1 h 2 min", "1.2 GB")
    assert view.playlist == "/recordings/r1/index.m3u8"
    assert view.started_at == "2026-11-24T12:00:00+00:00"
    assert not view.is_empty


def test_a_recording_view_without_video_is_empty() -> None:
    assert recording_view(CHANNEL, Recording("r1", "c1", "Tonight", "", NOW)).is_empty


@pytest.mark.parametrize("gap_reason", list(RecordingGapReason))
def test_gaps_of_a_recording_are_described(gap_reason: RecordingGapReason) -> None:
    view = recording_view(CHANNEL, Recording("r1", "c1", "Tonight", "", NOW, gap_reason=gap_reason))

    assert bool(view.note) is bool(gap_reason)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (9.4, "0:09"), (59.6, "1:00"), (600, "10:00"), (3600, "1:00:00")]
)
def test_a_duration_is_formatted_like_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (9.4, "9 s"), (60, "1 min"), (61, "1 min 1 s"), (3661, "1 h 1 min")]
)
def test_a_duration_is_described_in_two_units(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (9_960, "10 kB"),
        (999_600, "1.0 MB"),
        (20_000_000_000, "20 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_a_size_has_three_digits_at_most(number: int, shown: str) -> None:
    assert size(number) == shown


@pytest.mark.parametrize("path", ["/c/Mara/r/r1", "/c/mara/r/r1/", "/c/%6Dara/r/%721"])
def test_slug_and_id_are_read_from_any_form_of_a_url(path: str) -> None:
    assert routes.recording_of(path) == ("mara", "r1")
    assert routes.recording_of(str(routes.recording("mara", "r1"))) == ("mara", "r1")


def test_a_url_of_another_page_names_no_recording() -> None:
    assert routes.recording_of("/c/mara")[1] == "/c/mara"
