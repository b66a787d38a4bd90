// Functions that the server asks the page to run, by name. The server sends no script, so the page needs no `eval`.

import { type Ref, useImperativeHandle } from "react";
import { toast } from "sonner";
import { createPasskey, usePasskey } from "./auth/passkeys.ts";

/** What `state/page_commands.py` sends. `answer` has the name of an event and of its argument, or is empty. */
type Command = { command: string; arguments: (string | number)[]; answer: [string, string] | [] };
type Props = { ref?: Ref<unknown>; onAnswer: (event: string, payload: Record<string, string>) => void };

const SESSION = "/api/auth/session";
const FOLLOW = "follow";
/** A form shows its errors when React has rendered the answer of the server. */
const RENDERED_MS = 60;
const REMOVED_MS = 100;

declare global {
  interface Window {
    copyText?: (text: string) => Promise<void>;
  }
}

/** Redeems the ticket of a sign-in for the session cookie and leaves the page, or opens the page of
 * the second step; resolves to the error message. */
async function redeemTicket(ticket: string, path: string) {
  try {
    const answer = await fetch(window.frontDoor(SESSION), {
      method: "POST",
      credentials: "include",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ticket }),
    });
    if (!answer.ok) return (await answer.json()).error.message as string;
    if (answer.status === 202) {
      const { page, secret } = await answer.json();
      window.location.replace(`${page}?next=${encodeURIComponent(path)}#${secret}`);
    } else window.location.replace(path);
    return "";
  } catch {
    return "No answer from the site. Check your connection and try again.";
  }
}

/** Ends the session and leaves the page; resolves to the error message. */
async function signOut(path: string) {
  try {
    const answer = await fetch(window.frontDoor(SESSION), { method: "DELETE", credentials: "include" });
    if (!answer.ok) return "Couldn't sign you out. Try again.";
    window.location.replace(path);
    return "";
  } catch {
    return "No answer from the site. You are still signed in; try again.";
  }
}

/** Copies `text` and resolves to `notice`, or to an empty string if the browser blocks it. */
async function copyText(text: string, notice: string) {
  try {
    await (window.copyText ?? ((copied) => navigator.clipboard.writeText(copied)))(text);
    return notice;
  } catch {
    return "";
  }
}

function focusFirstError() {
  const focus = () => document.querySelector<HTMLElement>(':is(.form, .emote-form) [aria-invalid="true"]')?.focus();
  setTimeout(focus, RENDERED_MS);
}

function resetForm(id: string) {
  const form = document.getElementById(id);
  if (form instanceof HTMLFormElement) form.reset();
}

function keepFocus() {
  const isLost = () => document.activeElement === document.body;
  setTimeout(() => isLost() && document.getElementById("main")?.focus({ preventScroll: true }), REMOVED_MS);
}

/** Stores that a signed-out viewer wants to follow the channel `slug`. Other sites cannot write to `sessionStorage`. */
export function rememberFollow(slug: string) {
  try {
    sessionStorage.setItem(FOLLOW, JSON.stringify([slug, Date.now()]));
  } catch {
    // without storage, the viewer follows after the sign-in
  }
}

/** The slug of the channel to follow; empty if it was stored more than `maxAgeMs` ago. */
function readFollow(maxAgeMs: number): string {
  try {
    const [slug, at] = JSON.parse(sessionStorage.getItem(FOLLOW) ?? "[]");
    return Date.now() - at < maxAgeMs ? slug : "";
  } catch {
    return "";
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the server passes the arguments
const COMMANDS: Record<string, (...given: any[]) => unknown> = {
  copyText,
  createPasskey,
  focusFirstError,
  forgetFollow: () => sessionStorage.removeItem(FOLLOW),
  keepFocus,
  readFollow,
  readFragment: () => window.location.hash.slice(1),
  redeemTicket,
  rememberFollow,
  resetForm,
  signOut,
  toastError: (text: string) => toast.error(text),
  toastSuccess: (text: string) => toast.success(text),
  usePasskey,
};

async function run({ command, arguments: given, answer: [event, name] }: Command, onAnswer: Props["onAnswer"]) {
  const result = await COMMANDS[command](...given);
  if (event && name) onAnswer(event, { [name]: String(result) });
}

/** Runs each command that the server sets as the value of this component; shows nothing. */
export function PageCommands({ ref, onAnswer }: Props) {
  useImperativeHandle(ref, () => ({
    set value(command: Command) {
      run(command, onAnswer);
    },
  }));
  return null;
}
