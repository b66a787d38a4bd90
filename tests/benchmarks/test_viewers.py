"""Parsing the packager's playlists in the benchmark of the origin."""

import pytest

from benchmarks.viewers import read_playlist
from streaming_app.backend.media import playlist
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.packager import http_responses
from tests.rig.media_frames import both, cuts_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles, fill


@pytest.fixture
def window() -> LiveWindow:
    window = LiveWindow(MemoryFiles(), 30.0, OPENED_AT)
    fill(window, cuts_of(both(40.5)))
    return window


@pytest.mark.parametrize("skips", [False, True])
def test_a_playlist_names_all_parts_and_the_next_blocking_request(window: LiveWindow, *, skips: bool) -> None:
    answer = http_responses.playlist(playlist.media_playlist(window, 0.2, skips=skips), cache="no-store")

    seen = read_playlist(answer.partition(b"\r\n\r\n")[2])

    number, parts = window.newest
    assert list(seen.parts) == [part.name for s in window.listed() if s.lists_parts for part in s.parts]
    assert seen.next_question == f"?_HLS_msn={number}&_HLS_part={parts}&_HLS_skip=YES".encode()
