"""The choice of smaller renditions for a stream."""

import pytest

from streaming_app.backend.media.bitrate_ladder import ladder_for
from streaming_app.backend.media.tracks import VideoTrack


def _track(width: int, height: int, profile: int) -> VideoTrack:
    return VideoTrack("avc1", bytes([1, profile, 0, 30]), width, height)


@pytest.mark.parametrize(
    ("height", "names"),
    [(240, []), (360, ["240p"]), (720, ["480p", "360p", "240p"]), (1080, ["720p", "480p", "360p"])],
)
def test_renditions_are_smaller_than_the_source(height: int, names: list[str]) -> None:
    assert [rung.name for rung in ladder_for(_track(height * 16 // 9, height, 100))] == names


@pytest.mark.parametrize("profile", [110, 122, 244])
@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((240, 136), ["136p"]),
        ((427, 239), ["238p"]),
        ((640, 360), ["360p", "240p"]),
        ((1280, 720), ["720p", "480p", "360p"]),
        ((1920, 1080), ["720p", "480p", "360p"]),
    ],
)
def test_a_poorly_supported_colour_format_gets_a_rendition_of_the_same_size(
    profile: int, size: tuple[int, int], names: list[str]
) -> None:
    rungs = ladder_for(_track(*size, profile))

    assert [rung.name for rung in rungs] == names
    assert all(rung.width(_track(*size, profile)) % 2 == 0 for rung in rungs)
    assert all(rung.codec.startswith("avc1.4d40") for rung in rungs)
