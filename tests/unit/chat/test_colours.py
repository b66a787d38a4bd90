"""Contrast of every text colour of the chat with every background, as Chromium renders them."""

from pathlib import Path

import pytest

from tests.conftest import NewContext

STYLES = Path(__file__).parents[3] / "assets/styles"
AA = 4.5
"""Minimum contrast of text (WCAG 2.2, 1.4.3)."""

WORST_CONTRAST = """([theme, row, text]) => {
  document.documentElement.className = theme;
  const inside = `<div class="chat__log" data-times="true"><div class="chat__row">${text}</div></div>`;
  document.body.innerHTML = `<div class="chat">${inside}</div>`;
  const line = document.querySelector(".chat__row");
  for (const [name, value] of Object.entries(row)) line.setAttribute(name, value);
  const words = line.firstElementChild;
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (...colours) => {
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return context.getImageData(0, 0, 1, 1).data;
  };
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const elements = [document.querySelector(".chat"), line, words];
  const grounds = elements.map((element) => getComputedStyle(element).backgroundColor);
  const ground = luminance(paint(...grounds));
  let worst = [Infinity, -1];
  for (let hue = 0; hue < 360; hue += 1) {
    words.style.setProperty("--hue", hue);
    const ink = luminance(paint(getComputedStyle(words).color));
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (contrast < worst[0]) worst = [contrast, hue];
  }
  return worst;
}"""
"""Return the lowest contrast of all hues of names, and its hue."""

ROWS = {"plain": {}, "pointed at": {"style": "background: var(--sunken)"}, "for me": {"data-for-me": ""}}
TEXTS = {
    "name": '<span class="chat__name">ada</span>',
    "text": '<span class="chat__text">hi</span>',
    "link": '<a class="chat__link" href="https://a.test">a</a>',
    "mention": '<span class="chat__mention">@ada</span>',
    "own mention": '<span class="chat__mention" data-me>@ada</span>',
    "quote": '<span class="chat__quote">ada</span>',
    "time": '<time class="chat__time">10:00</time>',
    "deleted": '<span class="chat__gone">Message deleted</span>',
}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_of_a_message_has_enough_contrast_in_both_themes(new_context: NewContext, theme: str) -> None:
    page = await (await new_context()).new_page()
    styles = "".join((STYLES / f"{sheet}.css").read_text() for sheet in ("tokens", "base", "chat"))
    await page.set_content(f"<!DOCTYPE html><style>{styles}</style>")

    worst = {
        (row, text): await page.evaluate(WORST_CONTRAST, [theme, attributes, markup])
        for row, attributes in ROWS.items()
        for text, markup in TEXTS.items()
    }

    assert {case: found for case, found in worst.items() if found[0] < AA} == {}
