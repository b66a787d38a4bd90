from pathlib import Path

from playwright.async_api import Browser

from tests.conftest import NewContext
from tests.rig.chromium import save_screenshots

CAN_PLAY = "MediaSource.isTypeSupported('video/mp4; codecs=\"avc1.42c01e, mp4a.40.2\"')"


async def test_the_browser_plays_h264_and_aac(browser: Browser) -> None:
    page = await browser.new_page()

    assert await page.evaluate(CAN_PLAY)


async def test_contexts_share_no_cookies_and_can_save_screenshots(new_context: NewContext, tmp_path: Path) -> None:
    ann, ben = await new_context(), await new_context(viewport={"width": 390, "height": 844})
    await ann.add_cookies([{"name": "who", "value": "ann", "url": "http://localhost"}])
    await (await ann.new_page()).set_content("<h1>Ann</h1>")
    await (await ben.new_page()).set_content("<h1>Ben</h1>")

    saved = await save_screenshots([ann, ben], tmp_path)

    assert await ben.cookies() == []
    assert [file.stat().st_size > 0 for file in saved] == [True, True]
