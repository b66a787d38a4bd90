"""Who waits for a playlist or a part gets it with the change that they wait for, and not before."""

import gzip

import pytest

from streaming_app.backend.media.cutter import Cut
from streaming_app.backend.media.window import Window
from streaming_app.backend.packager.shelf import Shelf
from tests.media.frames import both, cuts_of
from tests.media.memory import OPENED_AT, MemoryFiles, fill

CUTS = cuts_of(both(5))
"""A stretch and 25 parts: five segments of five."""


class Reader:
    """Someone who asks once."""

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
def shelf() -> Shelf:
    return Shelf(Window(MemoryFiles(), 30.0, OPENED_AT), "/ll-files/c1/source")


def _put(shelf: Shelf, cuts: list[Cut]) -> None:
    for cut in cuts:
        before = shelf.window.newest
        fill(shelf.window, [cut])
        segment = shelf.window.open_segment
        is_part = segment is not None and shelf.window.newest != before
        shelf.changed(segment.parts[-1].name if segment and is_part else "")


def _ask(shelf: Shelf, number: int | None, part: int | None, *, skips: bool = False) -> Reader:
    reader = Reader()
    shelf.ask_playlist(number, part, skips=skips, send=reader.send)
    return reader


def test_the_first_playlist_comes_with_the_first_complete_segment(shelf: Shelf) -> None:
    reader = _ask(shelf, None, None)

    _put(shelf, CUTS[:6])
    assert reader.answers == []
    _put(shelf, CUTS[6:7])

    assert reader.status == 200
    assert reader.text.count("#EXTINF") == 1


def test_a_part_that_is_waited_for_brings_the_playlist(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, parts = shelf.window.newest
    reader = _ask(shelf, number, parts)
    assert reader.answers == []

    _put(shelf, CUTS[8:9])

    assert f'URI="{number}.{parts}.m4s"' in reader.text


def test_a_part_that_is_there_is_answered_at_once(shelf: Shelf) -> None:
    _put(shelf, CUTS[:9])
    number, parts = shelf.window.newest

    assert _ask(shelf, number, parts - 1).status == 200
    assert _ask(shelf, number - 1, 99).status == 200


def test_without_a_part_the_whole_segment_is_waited_for(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, _ = shelf.window.newest
    reader = _ask(shelf, number, None)

    _put(shelf, CUTS[8:11])
    assert reader.answers == []
    _put(shelf, CUTS[11:12])

    assert f"\n{number}.m4s" in reader.text


def test_a_part_beyond_the_end_of_its_segment_comes_with_the_next_segment(shelf: Shelf) -> None:
    _put(shelf, CUTS[:11])
    number, _ = shelf.window.newest
    reader = _ask(shelf, number, 5)

    _put(shelf, CUTS[11:12])

    assert f'URI="{number + 1}.0.m4s"' in reader.text


def test_who_asks_too_far_ahead_is_told_so(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])

    reader = _ask(shelf, shelf.window.newest[0] + 3, 0)

    assert reader.status == 400
    assert str(shelf.window.newest[0]) in reader.text


def test_everybody_gets_the_same_bytes(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, parts = shelf.window.newest
    readers = [_ask(shelf, number, parts) for _ in range(50)]

    _put(shelf, CUTS[8:9])

    assert len({id(reader.answers[0]) for reader in readers}) == 1


def test_a_question_that_was_taken_back_is_not_answered(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, parts = shelf.window.newest
    reader = Reader()
    take_back = shelf.ask_playlist(number, parts, skips=False, send=reader.send)
    assert take_back is not None

    take_back()
    _put(shelf, CUTS[8:9])

    assert reader.answers == []


def test_the_hinted_part_is_handed_over_to_nginx_when_it_is_there(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    name = shelf.window.next_part_name
    reader = Reader()
    shelf.ask_file(name, reader.send)
    assert reader.answers == []

    _put(shelf, CUTS[8:9])

    assert reader.status == 200
    assert f"X-Accel-Redirect: /ll-files/c1/source/{name}".encode() in reader.answers[0]


def test_a_hint_that_a_key_frame_made_wrong_is_a_404_at_once(shelf: Shelf) -> None:
    _put(shelf, CUTS[:11])
    reader = Reader()
    shelf.ask_file(shelf.window.next_part_name, reader.send)

    _put(shelf, CUTS[11:12])

    assert reader.status == 404


@pytest.mark.parametrize("name", ["1.2.m4s", "nothing.mp4", ""])
def test_a_file_that_is_not_the_next_part_is_a_404(shelf: Shelf, name: str) -> None:
    _put(shelf, CUTS[:8])
    reader = Reader()

    shelf.ask_file(name, reader.send)

    assert reader.status == 404


def test_the_end_releases_everybody(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, parts = shelf.window.newest
    playlist, file = _ask(shelf, number, parts), Reader()
    shelf.ask_file(shelf.window.next_part_name, file.send)

    shelf.window.end()
    shelf.changed()

    assert "#EXT-X-ENDLIST" in playlist.text
    assert file.status == 404
    assert "#EXT-X-ENDLIST" in _ask(shelf, number, parts).text


def test_only_what_was_waited_for_may_be_kept_by_caches(shelf: Shelf) -> None:
    _put(shelf, CUTS[:9])
    number, _ = shelf.window.newest

    assert b"max-age=6\r" in _ask(shelf, number, 0).answers[0]
    assert b"max-age=1\r" in _ask(shelf, None, None).answers[0]


def test_viewers_are_those_who_wait_at_the_edge(shelf: Shelf) -> None:
    _put(shelf, CUTS[:8])
    number, parts = shelf.window.newest
    for skips in (False, True, True):
        _ask(shelf, number, parts, skips=skips)

    _put(shelf, CUTS[8:10])
    assert shelf.viewers == 3
    number, parts = shelf.window.newest
    shelf.ask_playlist(number, parts, skips=True, send=Reader().send, readers=40)
    _ask(shelf, number, parts)
    _put(shelf, CUTS[10:12])
    assert shelf.viewers == 41
    _put(shelf, CUTS[12:26])

    assert shelf.viewers == 0
