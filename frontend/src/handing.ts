/** Handing on what stands on a page: copying a text. Fields that send their form when they change. */

/** `<button data-copy="#id" data-copied="Copied">` puts the text of a field on the clipboard. */
export function copy(button: HTMLElement): void {
  const words = button.querySelector("span") ?? button;
  const before = words.textContent;
  button.addEventListener("click", async () => {
    const field = document.querySelector<HTMLTextAreaElement>(button.dataset.copy ?? "");
    if (!field) return;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // an address without TLS has no clipboard: the old way
      document.execCommand("copy");
    }
    words.textContent = button.dataset.copied ?? before;
    window.setTimeout(() => {
      words.textContent = before;
    }, 2000);
  });
}

/** `<input data-submits>` sends its form when a whole value was chosen. */
export function submits(field: HTMLElement): void {
  field.addEventListener("change", () => {
    if (field instanceof HTMLInputElement && field.form && field.checkValidity()) field.form.requestSubmit();
  });
}
