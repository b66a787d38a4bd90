"""The delays of real-time viewers in the benchmark of the origin."""

from collections import Counter

from benchmarks.realtime import Arrival, late_ms
from benchmarks.realtime_viewers import DECODING_TIME
from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.frame_fragments import FrameFragments
from tests.rig.media_frames import VIDEO, video
from tests.rig.realtime_client import decoding_time

ARRIVALS = [Arrival("aa", 100.0), Arrival("bb", 100.033), Arrival("aa", 102.0)]


def test_delays_count_from_the_newest_arrival_of_the_same_frame() -> None:
    found = [
        {"frames": [("aa", 100.010, {"0": 3, "20": 1})]},
        {"frames": [("bb", 100.038, {"0": 2}), ("aa", 102.002, {"0": 1})]},
    ]

    assert late_ms(found, ARRIVALS) == Counter({10: 3, 30: 1, 5: 2, 2: 1})


def test_frames_that_the_reference_missed_are_not_counted() -> None:
    found = [{"frames": [("aa", 100.010, {"0": 1}), ("cc", 100.1, {"0": 1})]}]

    assert late_ms(found, ARRIVALS) == Counter({10: 1})


def test_the_crowd_reads_the_decoding_time_at_its_place() -> None:
    fragments = FrameFragments()
    fragments.begin(Period(b"", VIDEO, None), 0)
    for frame in video(0.2):
        message = fragments.feed(frame)
        assert message is not None
        assert int.from_bytes(message[DECODING_TIME]) == decoding_time(message)
