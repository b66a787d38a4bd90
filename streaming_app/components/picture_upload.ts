// Uploads a picture to the API, because Reflex's events cannot contain files.

const HEADERS = { "content-type": "application/octet-stream" }; // the server finds out the type of the picture
const NO_ANSWER = "No answer from the site. Try again in a moment.";

/** What the API answered. `fields` has an error for each wrong field; `message` is an error that concerns no field. */
type Uploaded = { answer: Record<string, string>; fields: Record<string, string>; message: string };

/** Sends `picture` to `address`. Never rejects. */
export async function uploadPicture(address: string, picture: FormDataEntryValue | null): Promise<Uploaded> {
  const failed = { answer: {}, fields: {} };
  try {
    const answer = await fetch(window.frontDoor(address), {
      method: "POST",
      credentials: "include",
      headers: HEADERS,
      body: picture,
    });
    if (answer.status === 413) {
      return { ...failed, fields: { picture: "Files can be 1,024 KB at most. Make this one smaller." }, message: "" };
    }
    const { error, ...rest } = await answer.json();
    const fields = error?.fields ?? {};
    return { answer: rest, fields, message: Object.keys(fields).length ? "" : (error?.message ?? "") };
  } catch {
    return { ...failed, message: NO_ANSWER };
  }
}
