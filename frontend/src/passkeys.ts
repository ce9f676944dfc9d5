/**
 * Passkeys: a form `data-passkey="address of the question"` asks the device and sends its answer in the field `answer`.
 * With `data-passkey-new` a passkey is made, otherwise one is used. Without script the form is hidden.
 */

interface Descriptor {
  id: string;
  type: PublicKeyCredentialType;
}

interface Question {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
}

export function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

export function text(buffer: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The question as the browser takes it: with bytes where JSON has texts. */
export function unpacked(question: Question): Record<string, unknown> {
  const keys = (list?: Descriptor[]) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...question,
    challenge: bytes(question.challenge),
    ...(question.user && { user: { ...question.user, id: bytes(question.user.id) } }),
    ...(question.excludeCredentials && { excludeCredentials: keys(question.excludeCredentials) }),
    ...(question.allowCredentials && { allowCredentials: keys(question.allowCredentials) }),
  };
}

/** The device's answer as JSON. */
export function packed(credential: PublicKeyCredential): string {
  const said = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const response: Record<string, unknown> = { clientDataJSON: text(said.clientDataJSON) };
  if (said.attestationObject) {
    response.attestationObject = text(said.attestationObject);
    response.transports = said.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(said.authenticatorData);
    response.signature = text(said.signature);
    if (said.userHandle) response.userHandle = text(said.userHandle);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} });
}

async function ask(form: HTMLFormElement, address: string): Promise<string> {
  const token = form.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const response = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
  if (!response.ok) return "";
  const publicKey = unpacked(await response.json());
  const credential = form.hasAttribute("data-passkey-new")
    ? await navigator.credentials.create({ publicKey } as unknown as CredentialCreationOptions)
    : await navigator.credentials.get({ publicKey } as unknown as CredentialRequestOptions);
  return credential ? packed(credential as PublicKeyCredential) : "";
}

/** Brings a form of passkeys to life. A device that refuses answers nothing; the server then says what to do. */
export function passkey(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    const answer = form.elements.namedItem("answer") as HTMLInputElement;
    event.preventDefault();
    ask(form, form.dataset.passkey ?? "")
      .catch(() => "")
      .then((said) => {
        answer.value = said;
        form.submit();
      });
  });
}
