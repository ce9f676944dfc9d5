/**
 * Signing a decision with the program on this computer: a form `data-signing-agent="http://127.0.0.1:…"` gets a button
 * `data-signing-ask`. The text to sign comes from `data-signing-text`, goes to the program as it is, and what the program
 * gives goes into the field `given`; the form is then sent. Without script, or without the program, a file does the same.
 */

/** Asks the program for a detached signature over `text`; in base64. */
export async function ask(agent: string, text: ArrayBuffer): Promise<string> {
  const answer = await fetch(`${agent}/sign`, { method: "POST", body: text, credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { signature } = (await answer.json()) as { signature: string };
  return signature;
}

export function signing(form: HTMLElement): void {
  const agent = form.dataset.signingAgent ?? "";
  const button = form.querySelector<HTMLButtonElement>("[data-signing-ask]");
  const said = form.querySelector<HTMLElement>("[data-signing-said]");
  const given = form.querySelector<HTMLInputElement>("input[name=given]");
  if (!(form instanceof HTMLFormElement) || !button || !said || !given) return;
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "";
    try {
      const text = await fetch(form.dataset.signingText ?? "");
      given.value = await ask(agent, await text.arrayBuffer());
      form.requestSubmit();
    } catch {
      said.textContent = form.dataset.signingFailed ?? "";
    } finally {
      button.disabled = false;
    }
  });
}
