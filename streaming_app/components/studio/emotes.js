// A channel's emotes in its owner's hands: a picture in the list, and the form that adds one.

import { createElement as h, useEffect, useRef, useState } from "react";
import { ImagePlus } from "lucide-react";

const UPLOAD_MAX_BYTES = 1024 * 1024; // as in backend/chat/emote_policy.py
const NAME_MAX = 24;
const ADDRESS = "/api/studio/emotes";
const NO_ANSWER = "No answer from the site. Try again in a moment.";

export function EmotePicture({ src }) {
  return src ? h("img", { className: "emote", src: window.frontDoor(src), alt: "", decoding: "async" }) : null;
}

export function EmoteForm({ onAdded }) {
  const [name, setName] = useState("");
  const [file, setFile] = useState(null);
  const [errors, setErrors] = useState({});
  const [pending, setPending] = useState(false);
  const preview = usePreview(file);
  const form = useRef(null);
  const picker = useRef(null);

  useEffect(() => {
    form.current?.querySelector('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const choose = ({ target }) => {
    const [chosen] = target.files;
    if (!chosen) return; // the dialog was closed: what was chosen before stays
    setFile(chosen);
    setErrors(({ picture, ...others }) => ({ ...others, ...pictureError(chosen) }));
    if (!name) setName(nameOf(chosen));
  };
  const send = async (event) => {
    event.preventDefault();
    if (pending) return;
    const wrong = pictureError(file);
    if (wrong) return setErrors(wrong);
    setPending(true);
    setErrors({});
    const refused = await add(name, file);
    setPending(false);
    if (refused) return setErrors(refused);
    onAdded?.(name.trim().replace(/^:|:$/g, ""));
    setName("");
    setFile(null);
    picker.current.value = "";
  };

  return h(
    "form",
    { className: "emote-form", ref: form, onSubmit: send, noValidate: true, "aria-label": "Add an emote" },
    h("div", { className: "emote-form__part" }, h("label", { className: "emote-form__drop" },
      h("input", {
        ref: picker, type: "file", className: "visually-hidden", accept: "image/png,image/gif,image/webp,image/jpeg", onChange: choose,
        "aria-invalid": Boolean(errors.picture), "aria-describedby": "emote-picture-hint emote-picture-error",
      }),
      h("span", { className: "emote-form__preview", "aria-hidden": true }, preview ? h("img", { className: "emote", src: preview, alt: "" }) : h(ImagePlus, null)),
      h("span", { className: "emote-form__words" },
        h("span", { className: "emote-form__file" }, file ? file.name : "Choose an image"),
        h("span", { id: "emote-picture-hint", className: "field__hint" }, "PNG, GIF, WebP or JPEG, up to 1\u00a0MB. Animated images are fine."))),
    h("p", { id: "emote-picture-error", className: "field__error", role: "alert" }, errors.picture)),
    h("div", { className: "field" },
      h("label", { className: "field__label", htmlFor: "emote-name" }, "Name"),
      h("div", { className: "emote-form__row" },
        h("input", {
          id: "emote-name", className: "input", value: name, maxLength: NAME_MAX + 40, autoComplete: "off", autoCapitalize: "none", spellCheck: false,
          placeholder: "hype", "aria-invalid": Boolean(errors.name), "aria-describedby": "emote-name-error", onChange: ({ target }) => setName(target.value),
        }),
        h("button", { type: "submit", className: "btn btn--secondary", "aria-busy": pending },
          h("span", { className: "spinner btn__pending", "aria-hidden": true }), "Add emote")),
      h("p", { id: "emote-name-error", className: "field__error", role: "alert" }, errors.name)),
    h("p", { className: "form__error", role: "alert" }, errors.form),
  );
}

/** What is wrong, by field; nothing when the emote is there. */
async function add(name, file) {
  const address = `${window.frontDoor(ADDRESS)}?${new URLSearchParams({ name })}`;
  const type = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  try {
    const answer = await fetch(address, { method: "POST", credentials: "include", headers: { "content-type": type }, body: file });
    if (answer.ok) return null;
    const { error } = await answer.json();
    const { name: ofName, picture } = error.fields;
    return ofName || picture ? { name: ofName, picture } : { form: error.message };
  } catch {
    return { form: NO_ANSWER };
  }
}

function pictureError(file) {
  if (!file) return { picture: "Choose an image first." };
  if (file.size > UPLOAD_MAX_BYTES) return { picture: `Files can be 1,024 KB at most. This one has ${Math.ceil(file.size / 1024).toLocaleString("en")} KB. Make it smaller.` };
  return null;
}

/** The file's name, as far as an emote may be called so. */
function nameOf(file) {
  return file.name.replace(/\.[^.]*$/, "").replace(/[^A-Za-z0-9_]+/g, "").slice(0, NAME_MAX);
}

function usePreview(file) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    if (!file) return setUrl("");
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}
