"""Text composed with an input method is not sent before it is complete, in the event order of any browser."""

from playwright.async_api import CDPSession, Locator, Page, expect

from tests.e2e.conftest import NewPerson

SAFARIS_ORDER = """(box) => box.addEventListener("compositionend", () => {
  const confirms = { key: "Enter", keyCode: 229, which: 229, isComposing: false, bubbles: true, cancelable: true };
  box.dispatchEvent(new KeyboardEvent("keydown", confirms));
  window.confirmed = true;
})"""
"""Safari sends the key event that confirms a composition after the composition has ended. Chromium sends it before."""


async def compose(keyboard: CDPSession, composing: str, composed: str) -> None:
    """Type ``composing`` with an input method, which becomes ``composed`` when Enter confirms it."""
    at_end = {"selectionStart": len(composing), "selectionEnd": len(composing)}
    await keyboard.send("Input.imeSetComposition", {"text": composing, **at_end})
    await keyboard.send("Input.insertText", {"text": composed})


async def message_box(page: Page) -> Locator:
    box = page.get_by_role("textbox", name="Message")
    await box.evaluate(SAFARIS_ORDER)
    return box


async def test_enter_that_confirms_a_composition_does_not_send(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go(f"/c/{name}")
    box, keyboard = await message_box(person.page), await person.context.new_cdp_session(person.page)

    await box.focus()
    await compose(keyboard, "むずかしい", "難しい")
    await person.page.wait_for_function("() => window.confirmed")
    await expect(box).to_have_value("難しい")
    await box.press_sequentially("!")
    await box.press("Enter")

    await expect(person.chat_lines()).to_have_text(["難しい!"])


async def test_enter_that_confirms_a_composition_accepts_no_suggestion(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go(f"/c/{name}")
    box, keyboard = await message_box(person.page), await person.context.new_cdp_session(person.page)

    await box.press_sequentially("/sl")
    await expect(person.page.get_by_role("option").first).to_be_visible()
    await compose(keyboard, "o", "o")
    await person.page.wait_for_function("() => window.confirmed")

    await expect(box).to_have_value("/slo")
