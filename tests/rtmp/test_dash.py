"""DASH by nginx-rtmp, for players that know no HLS."""

import re

from tests.rig.conditions import until_asked
from tests.rtmp.conftest import Ingest, Owner

SEGMENT = re.compile(r'<S t="(\d+)"')


async def test_a_stream_can_be_had_by_dash_too(ingest: Ingest, ada: Owner) -> None:
    folder = f"/dash/{ada.channel.channel_id}"
    found: list[str] = []

    async def has_segments() -> bool:
        manifest = await ingest.browser.get(f"{folder}/index.mpd")
        found[:] = SEGMENT.findall(manifest.text) if manifest.status_code == 200 else []
        return len(found) > 0

    async with ingest.web():
        ingest.publish(ada.stream_key)
        await until_asked(has_segments, "there was a segment")

    names = ["init.m4v", "init.m4a", f"{found[0]}.m4v", f"{found[0]}.m4a"]
    answers = [await ingest.browser.get(f"{folder}/{name}") for name in names]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}
    assert answers[0].headers["content-type"] == "video/mp4"


async def test_who_is_refused_leaves_no_dash(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web():
        await ingest.refused(ingest.publish(f"{ada.channel.channel_id}?key=wrong"))

    assert (await ingest.browser.get(f"/dash/{ada.channel.channel_id}/index.mpd")).status_code == 404
