"""Blocking requests for playlists and parts are answered when the requested change happens, and not before."""

import gzip

import pytest

from streaming_app.backend.media.cutter import CutterOutput
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.packager.rendition_server import RenditionServer
from tests.rig.media_frames import both, cuts_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles, fill

CUTS = cuts_of(both(5))
"""A period and 25 parts: five segments of five parts each."""


class Reader:
    """A client that sends one request."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def send(self, answer: bytes) -> None:
        self.answers.append(answer)

    @property
    def status(self) -> int:
        [answer] = self.answers
        return int(answer.split()[1])

    @property
    def text(self) -> str:
        [answer] = self.answers
        head, _, body = answer.partition(b"\r\n\r\n")
        return gzip.decompress(body).decode() if b"gzip" in head else body.decode()


@pytest.fixture
def server() -> RenditionServer:
    return RenditionServer(LiveWindow(MemoryFiles(), 30.0, OPENED_AT), "/ll-files/c1/source")


def _put(server: RenditionServer, cuts: list[CutterOutput]) -> None:
    for cut in cuts:
        before = server.window.newest
        fill(server.window, [cut])
        segment = server.window.open_segment
        is_part = segment is not None and server.window.newest != before
        server.notify(segment.parts[-1].name if segment and is_part else "")


def _ask(server: RenditionServer, number: int | None, part: int | None, *, skips: bool = False) -> Reader:
    reader = Reader()
    server.request_playlist(number, part, skips=skips, send=reader.send)
    return reader


def test_the_first_playlist_comes_with_the_first_complete_segment(server: RenditionServer) -> None:
    reader = _ask(server, None, None)

    _put(server, CUTS[:6])
    assert reader.answers == []
    _put(server, CUTS[6:7])

    assert reader.status == 200
    assert reader.text.count("#EXTINF") == 1


def test_a_blocking_request_is_answered_when_its_part_is_added(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, parts = server.window.newest
    reader = _ask(server, number, parts)
    assert reader.answers == []

    _put(server, CUTS[8:9])

    assert f'URI="{number}.{parts}.m4s"' in reader.text


def test_a_request_for_an_existing_part_is_answered_at_once(server: RenditionServer) -> None:
    _put(server, CUTS[:9])
    number, parts = server.window.newest

    assert _ask(server, number, parts - 1).status == 200
    assert _ask(server, number - 1, 99).status == 200


def test_a_request_without_a_part_waits_for_the_whole_segment(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, _ = server.window.newest
    reader = _ask(server, number, None)

    _put(server, CUTS[8:11])
    assert reader.answers == []
    _put(server, CUTS[11:12])

    assert f"\n{number}.m4s" in reader.text


def test_a_part_beyond_the_end_of_its_segment_is_answered_with_the_next_segment(server: RenditionServer) -> None:
    _put(server, CUTS[:11])
    number, _ = server.window.newest
    reader = _ask(server, number, 5)

    _put(server, CUTS[11:12])

    assert f'URI="{number + 1}.0.m4s"' in reader.text


def test_a_request_too_far_ahead_is_refused(server: RenditionServer) -> None:
    _put(server, CUTS[:8])

    reader = _ask(server, server.window.newest[0] + 3, 0)

    assert reader.status == 400
    assert str(server.window.newest[0]) in reader.text


def test_all_requests_get_the_same_bytes(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, parts = server.window.newest
    readers = [_ask(server, number, parts) for _ in range(50)]

    _put(server, CUTS[8:9])

    assert len({id(reader.answers[0]) for reader in readers}) == 1


def test_a_cancelled_request_is_not_answered(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, parts = server.window.newest
    reader = Reader()
    take_back = server.request_playlist(number, parts, skips=False, send=reader.send)
    assert take_back is not None

    take_back()
    _put(server, CUTS[8:9])

    assert reader.answers == []


def test_the_hinted_part_is_sent_by_nginx_once_it_exists(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    name = server.window.next_part_name
    reader = Reader()
    server.request_file(name, reader.send)
    assert reader.answers == []

    _put(server, CUTS[8:9])

    assert reader.status == 200
    assert f"X-Accel-Redirect: /ll-files/c1/source/{name}".encode() in reader.answers[0]


def test_a_hint_made_wrong_by_a_keyframe_returns_404_at_once(server: RenditionServer) -> None:
    _put(server, CUTS[:11])
    reader = Reader()
    server.request_file(server.window.next_part_name, reader.send)

    _put(server, CUTS[11:12])

    assert reader.status == 404


@pytest.mark.parametrize("name", ["1.2.m4s", "nothing.mp4", ""])
def test_a_file_that_is_not_the_next_part_returns_404(server: RenditionServer, name: str) -> None:
    _put(server, CUTS[:8])
    reader = Reader()

    server.request_file(name, reader.send)

    assert reader.status == 404


def test_the_end_of_the_stream_answers_all_waiting_requests(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, parts = server.window.newest
    playlist, file = _ask(server, number, parts), Reader()
    server.request_file(server.window.next_part_name, file.send)

    server.window.end()
    server.notify()

    assert "#EXT-X-ENDLIST" in playlist.text
    assert file.status == 404
    assert "#EXT-X-ENDLIST" in _ask(server, number, parts).text


def test_only_answers_to_blocking_requests_have_a_long_cache_time(server: RenditionServer) -> None:
    _put(server, CUTS[:9])
    number, _ = server.window.newest

    assert b"max-age=6\r" in _ask(server, number, 0).answers[0]
    assert b"max-age=1\r" in _ask(server, None, None).answers[0]


def test_viewers_with_blocking_requests_at_the_live_edge_are_counted(server: RenditionServer) -> None:
    _put(server, CUTS[:8])
    number, parts = server.window.newest
    for skips in (False, True, True):
        _ask(server, number, parts, skips=skips)

    _put(server, CUTS[8:10])
    assert server.viewers == 3
    number, parts = server.window.newest
    server.request_playlist(number, parts, skips=True, send=Reader().send, readers=40)
    _ask(server, number, parts)
    _put(server, CUTS[10:12])
    assert server.viewers == 41
    _put(server, CUTS[12:26])

    assert server.viewers == 0
