"""The delay of a channel in its studio: the owner's choice, what viewers get, and advice about the encoder."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.conftest import NewPerson
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site

SLOW_ENCODER = ("-tune", "film", "-bf", "2")
REPORTS = [
    {"player": "player1", "delivery": "realtime", "delay_ms": 80, "stalls": 0},
    {"player": "player2", "delivery": "realtime", "delay_ms": 90, "stalls": 1},
    {"player": "player3", "delivery": "low", "delay_ms": 660, "stalls": 0},
]


async def _table(page: Page) -> list[str]:
    return await page.locator(".deliveries__table tbody tr").all_inner_texts()


async def test_a_streamer_chooses_real_time_and_keeps_it(new_person: NewPerson, name: str) -> None:
    streamer = await new_person()
    await streamer.register(name)
    await streamer.go("/studio")
    await expect(streamer.page.locator("[name=latency][value=low]")).to_be_checked()

    await streamer.page.get_by_text("Real time", exact=True).click()

    await expect(
        streamer.page.get_by_text("Saved. Viewers of a live stream switch within a few seconds.")
    ).to_be_visible()
    await streamer.page.reload()
    await expect(streamer.page.locator("[name=latency][value=realtime]")).to_be_checked()


async def test_a_streamer_sees_the_delay_of_viewers_and_what_the_encoder_adds(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer = await new_person(viewport={"width": 1440, "height": 900})
    await streamer.register(name)
    key = await streamer.stream_key()
    page = streamer.page
    delay = page.get_by_role("region", name="Delay of your viewers")
    await expect(page.get_by_role("heading", name="Studio")).to_be_visible()
    await expect(delay).not_to_be_visible()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log, SLOW_ENCODER):
        await expect(delay.get_by_text("No figures yet.")).to_be_visible()
        await expect(page.get_by_text("B-frames delay the picture by")).to_be_visible()
        channel_id = key.partition("?")[0]
        for report in REPORTS:
            answer = await page.request.post(f"{site.url}/hls/{channel_id}/playback", data=report)
            assert answer.status == 204

        await expect(delay.get_by_role("row")).to_have_count(4)
        await expect(delay.get_by_text("0.09 s", exact=True)).to_be_visible()
        assert [row.split() for row in await _table(page)] == [
            ["Real", "time", "2", "0.08", "s", "1"],
            ["Low", "latency", "1", "0.66", "s", "0"],
            ["Standard", "0", "–", "0"],  # noqa: RUF001
        ]

    await expect(delay).not_to_be_visible(timeout=40_000)
