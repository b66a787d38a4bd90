// @ts-check
// What works before the app has loaded: copying, revealing a secret, closing the menu, skipping to the content, and following
// the link from one form to the other. Also tells the player the sources of the document's live channel.

const COPIED_MS = 1800;

// See useKnown in live_player.tsx.
const liveVideo = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="live-video"]'));
if (liveVideo) window.liveAtFirst = { path: window.location.pathname, sources: liveVideo.content.split(" ") };

/** @param {string} text */
async function copyText(text) {
  // Browsers have the clipboard API only over HTTPS and on localhost.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** @param {HTMLElement} button */
async function copy(button) {
  await copyText(button.dataset.copy || window.location.href);
  button.dataset.copied = "true";
  setTimeout(() => delete button.dataset.copied, COPIED_MS);
}

/** @param {HTMLElement} button */
function reveal(button) {
  const field = document.getElementById(button.dataset.reveal ?? "");
  const show = button.getAttribute("aria-pressed") !== "true";
  if (field instanceof HTMLInputElement) field.type = show ? "text" : "password";
  else field?.toggleAttribute("data-masked", !show); // a textarea has no type
  button.setAttribute("aria-pressed", String(show));
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  // Only the focus moves: the address may have a secret as its fragment, and the router would drop its query.
  if (target.closest(".skip-link")) {
    event.preventDefault();
    document.getElementById("main")?.focus();
  }
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-copy], [data-reveal]"));
  if (button) (button.dataset.reveal ? reveal : copy)(button);
  const otherForm = /** @type {HTMLAnchorElement | null} */ (target.closest("[data-other-form]"));
  const next = new URLSearchParams(location.search).get("next");
  if (otherForm && next) otherForm.search = String(new URLSearchParams({ next })); // as useReturnQuery does later
  if (target.closest(".menu__item")) document.getElementById("account-menu")?.hidePopover();
});
