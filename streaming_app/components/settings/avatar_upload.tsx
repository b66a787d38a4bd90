// Uploads a picture of the user as soon as it is chosen. Python renders the button and the error.

import { type ChangeEvent, type ReactNode, useState } from "react";
import { uploadPicture } from "../picture_upload.ts";

type Props = { address: string; onAnswer: (error: string) => void; children: ReactNode };

/** Calls `onAnswer` with an error, or with an empty string if the picture was saved. */
export function AvatarUpload({ address, onAnswer, children }: Props) {
  const [isPending, setPending] = useState(false);
  const onChange = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    if (!file) return;
    setPending(true);
    const { fields, message } = await uploadPicture(address, file);
    setPending(false);
    target.value = ""; // so that the same file can be chosen again
    onAnswer(fields.picture ?? message);
  };
  const input = { onChange, disabled: isPending, "aria-describedby": "avatar-hint avatar-error" };
  return (
    <label className="btn btn--secondary avatar-upload" aria-busy={isPending}>
      <input
        type="file"
        accept="image/png,image/gif,image/webp,image/jpeg"
        className="visually-hidden"
        aria-label="Upload a picture"
        {...input}
      />
      <span className="spinner btn__pending" aria-hidden="true" />
      {children}
    </label>
  );
}
