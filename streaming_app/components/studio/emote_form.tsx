// Sends a new emote to the API, because Reflex's events cannot contain files. Python renders the fields and the errors.

import { type FormEvent, type ReactNode, useState } from "react";
import { EMOTE_NAME_MAX, EMOTE_UPLOAD_MAX_BYTES } from "../generated.ts";

const NO_ANSWER = "No answer from the site. Try again in a moment.";

/** The error of each field, and of the form as a whole. */
type Errors = { name?: string; picture?: string; form?: string };
type OnAnswer = (name: string, nameError: string, pictureError: string, formError: string) => void;
type Props = { address: string; onAnswer: OnAnswer; children: ReactNode };

/** Calls `onAnswer` with the emote's name and the errors, which are empty when it was added. */
export function EmoteForm({ address, onAnswer, children }: Props) {
  const [isPending, setPending] = useState(false);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget;
    const name = nameField(form).value.trim().replace(/^:|:$/g, "");
    setPending(true);
    const errors = await add(address, name, picker(form).files?.[0]);
    setPending(false);
    if (!errors) form.reset();
    showChosen(form);
    onAnswer(name, errors?.name ?? "", errors?.picture ?? "", errors?.form ?? "");
  };
  return (
    <form
      className="emote-form"
      aria-label="Add an emote"
      noValidate
      aria-busy={isPending}
      onSubmit={send}
      onInput={({ currentTarget, target }) => (target as HTMLInputElement).type === "file" && showChosen(currentTarget)}
    >
      {children}
    </form>
  );
}

/** Shows the chosen picture and its file name, and suggests a name for the emote. */
function showChosen(form: HTMLFormElement) {
  const [file] = picker(form).files ?? [];
  const preview = form.querySelector("img") as HTMLImageElement;
  URL.revokeObjectURL(preview.src);
  preview.hidden = !file;
  if (file) preview.src = URL.createObjectURL(file);
  const [choose, name] = form.querySelectorAll<HTMLElement>(".emote-form__choose, .emote-form__file");
  choose.hidden = Boolean(file);
  name.hidden = !file;
  name.textContent = file?.name ?? "";
  const suggestion = file?.name.replace(/\.[^.]*$/, "").replace(/\W+/g, "");
  nameField(form).value ||= suggestion?.slice(0, EMOTE_NAME_MAX) ?? "";
}

const picker = (form: HTMLFormElement) => form.elements.namedItem("picture") as HTMLInputElement;
const nameField = (form: HTMLFormElement) => form.elements.namedItem("name") as HTMLInputElement;

/** Adds the emote; returns the errors, or null. */
async function add(address: string, name: string, file?: File): Promise<Errors | null> {
  if (!file) return { picture: "Choose an image first." };
  if (file.size > EMOTE_UPLOAD_MAX_BYTES) {
    const kilobytes = Math.ceil(file.size / 1024).toLocaleString("en");
    return { picture: `Files can be 1,024 KB at most. This one has ${kilobytes} KB. Make it smaller.` };
  }
  const url = `${window.frontDoor(address)}?${new URLSearchParams({ name })}`;
  const type = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  try {
    const headers = { "content-type": type };
    const answer = await fetch(url, { method: "POST", credentials: "include", headers, body: file });
    if (answer.ok) return null;
    const { error } = await answer.json();
    const { name: nameError, picture } = error.fields;
    return nameError || picture ? { name: nameError, picture } : { form: error.message };
  } catch {
    return { form: NO_ANSWER };
  }
}
