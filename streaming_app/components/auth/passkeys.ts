// Creates and uses passkeys (WebAuthn). Options and answers are the JSON of WebAuthn; the server makes and verifies them.

/** Returns the credential as JSON, or `{"error": name}` if the user cancels or the browser refuses. */
async function answer(ask: () => Promise<Credential | null>): Promise<string> {
  try {
    return JSON.stringify((await ask()) as PublicKeyCredential);
  } catch (failed) {
    return JSON.stringify({ error: failed instanceof DOMException ? failed.name : "NotSupportedError" });
  }
}

/** Asks the browser to create a passkey. Resolves to the answer for the server. */
export function createPasskey(options: string): Promise<string> {
  return answer(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)) }),
  );
}

/** Asks the browser to sign with a passkey. Resolves to the answer for the server. */
export function usePasskey(options: string): Promise<string> {
  return answer(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)) }),
  );
}
