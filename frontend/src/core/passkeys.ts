/** The two ceremonies of WebAuthn, between our JSON and the browser's bytes. */
export interface Ceremony<T> {
  options: T;
  ticket: string;
}

export function available(): boolean {
  return typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

export async function create(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return json(await navigator.credentials.create({ publicKey }));
}

/** With `quietly` the browser offers passkeys among the suggestions of the address field, and waits. */
export async function get(options: PublicKeyCredentialRequestOptionsJSON, signal: AbortSignal, quietly = false): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const mediation = quietly ? "conditional" : "optional";
  return json(await navigator.credentials.get({ publicKey, signal, mediation }));
}

/** Whether the person closed the browser's window, or we closed it for them: nothing to complain about. */
export function wasCalledOff(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
}

function json(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException("no passkey was chosen", "NotAllowedError");
  return credential.toJSON();
}
