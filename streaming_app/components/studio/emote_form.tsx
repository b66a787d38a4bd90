// Sends a new emote to the API, because Reflex's events cannot contain files. Python renders the fields and the errors.

import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { create } from "zustand";
import { EMOTE_NAME_MAX } from "../generated.ts";
import { uploadPicture } from "../picture_upload.ts";

type OnAnswer = (name: string, nameError: string, pictureError: string, formError: string) => void;
type Props = { address: string; onAnswer: OnAnswer; children: ReactNode };

/** The name and the URL of the chosen picture, or empty strings. */
export const useChosenFile = create(() => ({ name: "", preview: "" }));

function setChosenFile(file?: File) {
  URL.revokeObjectURL(useChosenFile.getState().preview);
  useChosenFile.setState({ name: file?.name ?? "", preview: file ? URL.createObjectURL(file) : "" });
}

/** Calls `onAnswer` with the name of the added emote, or with errors. */
export function EmoteForm({ address, onAnswer, children }: Props) {
  const [isPending, setPending] = useState(false);
  useEffect(() => () => setChosenFile(), []);
  const onInput = ({ currentTarget, target }: FormEvent<HTMLFormElement>) => {
    const { type, files } = target as HTMLInputElement;
    if (type !== "file") return;
    setChosenFile(files?.[0]);
    const suggestion = files?.[0]?.name.replace(/\.[^.]*$/, "").replace(/\W+/g, "") ?? "";
    (currentTarget.elements.namedItem("name") as HTMLInputElement).value ||= suggestion.slice(0, EMOTE_NAME_MAX);
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget;
    setPending(true);
    const answer = await add(address, new FormData(form));
    setPending(false);
    const [added] = answer;
    if (added) {
      form.reset();
      setChosenFile();
    }
    onAnswer(...answer);
  };
  const handlers = { onInput, onSubmit };
  return (
    <form className="emote-form" aria-label="Add an emote" noValidate aria-busy={isPending} {...handlers}>
      {children}
    </form>
  );
}

/** Adds the emote. Returns the arguments of `onAnswer`. */
async function add(address: string, fields: FormData): Promise<Parameters<OnAnswer>> {
  const query = new URLSearchParams({ name: String(fields.get("name")) });
  const { answer, fields: errors, message } = await uploadPicture(`${address}?${query}`, fields.get("picture"));
  return [answer.name ?? "", errors.name ?? "", errors.picture ?? "", message];
}
