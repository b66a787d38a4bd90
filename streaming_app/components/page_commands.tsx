// Functions that the server asks the page to run, by name. The server sends no script, so the page needs no `eval`.

import { type Ref, useImperativeHandle } from "react";
import { toast } from "sonner";
import { sendRequest } from "./send_request.ts";

/** What `state/page_commands.py` sends. `answer` has the name of an event and of its argument, or is empty. */
type Command = { command: string; arguments: (string | number)[]; answer: [string, string] | [] };
type Props = { ref?: Ref<unknown>; onAnswer: (event: string, payload: Record<string, string>) => void };

const SESSION = "/api/auth/session";
/** A form shows its errors when React has rendered the answer of the server. */
const RENDERED_MS = 60;
const REMOVED_MS = 100;

/**
 * Changes the session by a request to the API. Then leaves the page for `path`, or for the page of the second step that the
 * API names, without a result: an answer would connect the page that is left once more, with the new session, and its
 * events would run before those of the next page. Resolves to the message if there is an error.
 */
async function changeSession(method: "POST" | "DELETE", content: object, path: string) {
  const request = { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
  const { error, page, secret } = await sendRequest(SESSION, request);
  if (error) return error.message;
  window.location.replace(page ? `${page}?next=${encodeURIComponent(path)}#${secret}` : path);
}

/** Lets the browser create a passkey or sign with one. Resolves to the JSON of WebAuthn, or to `{"error": name}`. */
async function askForPasskey(method: "create" | "get", options: string) {
  const read = method === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  try {
    const publicKey = PublicKeyCredential[read](JSON.parse(options)) as PublicKeyCredentialCreationOptions;
    return JSON.stringify(await navigator.credentials[method]({ publicKey }));
  } catch (failed) {
    return JSON.stringify({ error: failed instanceof DOMException ? failed.name : "NotSupportedError" });
  }
}

function focusFirstError() {
  const focus = () => document.querySelector<HTMLElement>(':is(.form, .emote-form) [aria-invalid="true"]')?.focus();
  setTimeout(focus, RENDERED_MS);
}

function keepFocus() {
  const isLost = () => document.activeElement === document.body;
  setTimeout(() => isLost() && document.getElementById("main")?.focus({ preventScroll: true }), REMOVED_MS);
}

// biome-ignore lint/suspicious/noExplicitAny: the server passes the arguments
const COMMANDS: Record<string, (...given: any[]) => unknown> = {
  copyText: (text: string, notice: string) =>
    window.copyText(text).then(
      () => notice,
      () => "", // the browser blocks it
    ),
  createPasskey: (options: string) => askForPasskey("create", options),
  focusFirstError,
  keepFocus,
  readFragment: () => window.location.hash.slice(1),
  redeemTicket: (ticket: string, path: string) => changeSession("POST", { ticket }, path),
  resetForm: (id: string) => (document.getElementById(id) as HTMLFormElement | null)?.reset(),
  signOut: (path: string) => changeSession("DELETE", {}, path),
  toastError: (text: string) => toast.error(text),
  toastSuccess: (text: string) => toast.success(text),
  usePasskey: (options: string) => askForPasskey("get", options),
};

async function run({ command, arguments: given, answer: [event, name] }: Command, onAnswer: Props["onAnswer"]) {
  const result = await COMMANDS[command](...given);
  if (event && name && result !== undefined) onAnswer(event, { [name]: String(result) });
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
