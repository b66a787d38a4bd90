// @ts-check
// What works before the app has loaded: the video's connection, copying, revealing a secret, closing the menu, skipping to the
// content.

const COPIED_MS = 1800;
const UNUSED_MS = 10000;

// The sources of the document's live channel: see useKnown in live_player.tsx.
const liveVideo = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="live-video"]'));
if (liveVideo) {
  const sources = liveVideo.content.split(" ");
  window.liveAtFirst = { path: window.location.pathname, sources };
  if (sources[2] && "MediaSource" in window) connectEarly(window.frontDoor(sources[2]).replace("http", "ws"));
}

/**
 * Connects to the frames of a stream in real time, and keeps them until the player takes the connection.
 * @param {string} url
 */
function connectEarly(url) {
  const socket = new WebSocket(url);
  /** @type {MessageEvent[]} */
  const messages = [];
  socket.binaryType = "arraybuffer";
  socket.onmessage = (message) => messages.push(message);
  window.earlyConnection = { socket, messages };
  setTimeout(() => window.earlyConnection?.socket.close(), UNUSED_MS);
}

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
  // The router changes the address instead of the browser, and leaves the focus where it was.
  if (target.closest(".skip-link")) document.getElementById("main")?.focus();
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-copy], [data-reveal]"));
  if (button) (button.dataset.reveal ? reveal : copy)(button);
  if (target.closest(".menu__item")) document.getElementById("account-menu")?.hidePopover();
});
