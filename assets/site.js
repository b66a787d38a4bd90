// What works without waiting for the application: copying, revealing a secret, closing a menu, skipping to the content.

const COPIED_MS = 1800;

// Where the video is of the channel that this document was made for, if it is live: see useKnown in live_player.js.
const liveVideo = document.querySelector('meta[name="live-video"]');
if (liveVideo) window.liveAtFirst = { path: window.location.pathname, playlists: liveVideo.content.split(" ") };

async function copyText(text) {
  // The clipboard API is there only over https and on localhost.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

async function copy(button) {
  await copyText(button.dataset.copy || window.location.href);
  button.dataset.copied = "true";
  setTimeout(() => delete button.dataset.copied, COPIED_MS);
}

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const show = button.getAttribute("aria-pressed") !== "true";
  if (field.tagName === "TEXTAREA") field.toggleAttribute("data-masked", !show); // it has no type
  else field.type = show ? "text" : "password";
  button.setAttribute("aria-pressed", String(show));
}

document.addEventListener("click", ({ target }) => {
  // The router changes the address instead of the browser, and leaves the focus where it was.
  if (target.closest(".skip-link")) document.getElementById("main").focus();
  const button = target.closest("[data-copy], [data-reveal]");
  if (button) (button.dataset.reveal ? reveal : copy)(button);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target) || target.closest(".menu__item")) menu.open = false;
  }
});
document.addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
