// Sends a new emote to the API, because Reflex's events cannot contain files. Python renders the fields and the errors.

import { createContext, type FormEvent, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { EMOTE_NAME_MAX } from "../generated.ts";

const NO_ANSWER = "No answer from the site. Try again in a moment.";

type OnAnswer = (name: string, nameError: string, pictureError: string, formError: string) => void;
type Props = { address: string; onAnswer: OnAnswer; children: ReactNode };

const ChosenFile = createContext({ name: "", preview: "" });

/** The name and the URL of the chosen picture, or empty strings. */
export const useChosenFile = () => useContext(ChosenFile);

/** Calls `onAnswer` with the name of the added emote, or with errors. */
export function EmoteForm({ address, onAnswer, children }: Props) {
  const [isPending, setPending] = useState(false);
  const [file, setFile] = useState<File>();
  const chosen = useMemo(() => ({ name: file?.name ?? "", preview: file ? URL.createObjectURL(file) : "" }), [file]);
  useEffect(() => () => URL.revokeObjectURL(chosen.preview), [chosen]);
  const onInput = ({ currentTarget, target }: FormEvent<HTMLFormElement>) => {
    const { type, files } = target as HTMLInputElement;
    if (type !== "file") return;
    setFile(files?.[0]);
    const suggestion = files?.[0]?.name.replace(/\.[^.]*$/, "").replace(/\W+/g, "") ?? "";
    nameField(currentTarget).value ||= suggestion.slice(0, EMOTE_NAME_MAX);
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget;
    setPending(true);
    const answer = await add(address, nameField(form).value, file);
    setPending(false);
    const [added] = answer;
    if (added) {
      form.reset();
      setFile(undefined);
    }
    onAnswer(...answer);
  };
  const handlers = { onInput, onSubmit };
  return (
    <form className="emote-form" aria-label="Add an emote" noValidate aria-busy={isPending} {...handlers}>
      <ChosenFile value={chosen}>{children}</ChosenFile>
    </form>
  );
}

const nameField = (form: HTMLFormElement) => form.elements.namedItem("name") as HTMLInputElement;

/** Adds the emote. Returns the arguments of `onAnswer`. */
async function add(address: string, typed: string, file?: File): Promise<Parameters<OnAnswer>> {
  const url = `${window.frontDoor(address)}?${new URLSearchParams({ name: typed })}`;
  const type = file?.type.startsWith("image/") ? file.type : "application/octet-stream";
  try {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "include",
      headers: { "content-type": type },
      body: file,
    });
    if (answer.status === 413) return ["", "", "Files can be 1,024 KB at most. Make this one smaller.", ""];
    const { name = "", error } = await answer.json();
    const { name: nameError = "", picture: pictureError = "" } = error?.fields ?? {};
    return [name, nameError, pictureError, nameError || pictureError ? "" : (error?.message ?? "")];
  } catch {
    return ["", "", "", NO_ANSWER];
  }
}
