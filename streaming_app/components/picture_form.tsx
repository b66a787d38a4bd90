// A form that sends a picture to the API, because Reflex's events cannot contain files. Python renders fields and errors.

import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { create } from "zustand";
import { EMOTE_NAME_MAX, PICTURE_MAX_BYTES } from "./generated.ts";
import { sendRequest } from "./send_request.ts";

const HEADERS = { "content-type": "application/octet-stream" }; // the server finds out the type of the picture
const TOO_LARGE = "Files can be 1,024 KB at most. Make this one smaller.";

type OnAnswer = (name: string, fields: Record<string, string>, message: string) => void;
type Props = { address: string; isSentAtOnce?: boolean; className?: string; onAnswer: OnAnswer; children: ReactNode };

/** The name and the URL of the chosen picture, or empty strings. */
export const useChosenFile = create(() => ({ name: "", preview: "" }));

function setChosenFile(file?: File) {
  URL.revokeObjectURL(useChosenFile.getState().preview);
  useChosenFile.setState({ name: file?.name ?? "", preview: file ? URL.createObjectURL(file) : "" });
}

/** Sends the picture when the form is submitted or, with `isSentAtOnce`, chosen. Calls `onAnswer` with the API's answer. */
export function PictureForm({ address, isSentAtOnce, onAnswer, ...props }: Props) {
  const [isPending, setPending] = useState(false);
  useEffect(() => () => setChosenFile(), []);
  const onInput = ({ currentTarget: form, target }: FormEvent<HTMLFormElement>) => {
    const { type, files } = target as HTMLInputElement;
    if (type !== "file" || !files) return;
    setChosenFile(files[0]);
    const suggestion = files[0]?.name.replace(/\.[^.]*$/, "").replace(/\W+/g, "") ?? "";
    const name = form.elements.namedItem("name") as HTMLInputElement | null;
    if (name) name.value ||= suggestion.slice(0, EMOTE_NAME_MAX);
    if (isSentAtOnce && files[0]) form.requestSubmit();
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const form = event.currentTarget;
    setPending(true);
    const { name = "", error } = await upload(address, new FormData(form));
    setPending(false);
    if (!error || isSentAtOnce) {
      form.reset(); // so that the same file can be chosen again
      setChosenFile();
    }
    onAnswer(name, error?.fields ?? {}, error?.message ?? "");
  };
  return <form noValidate aria-busy={isPending} onInput={onInput} onSubmit={onSubmit} {...props} />;
}

async function upload(address: string, form: FormData) {
  const picture = form.get("picture") as File;
  if (picture.size > PICTURE_MAX_BYTES) return { error: { fields: { picture: TOO_LARGE }, message: "" } };
  const query = new URLSearchParams({ name: String(form.get("name") ?? "") });
  return sendRequest(`${address}?${query}`, { method: "POST", headers: HEADERS, body: picture });
}
