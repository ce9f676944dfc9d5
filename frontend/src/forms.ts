/** Forms on slow lines: sent once, asked before what cannot be undone, errors brought before the eyes. */

/** A form that the browser sends itself (`data-once`) is not sent a second time by an impatient second press. */
export function watchSentForms(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("data-sent")) event.preventDefault();
    else form.setAttribute("data-sent", "");
  });
  // Coming back with the browser's button shows the page as it was left: let the form be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
  });
  root.addEventListener("htmx:after:settle", () => {
    root.querySelector<HTMLElement>("form .form-errors")?.focus();
  });
}

/** Buttons with `data-confirm="…"` ask first. */
export function watchConfirmations(root: Document): void {
  root.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button[data-confirm]");
      if (button?.dataset.confirm && !window.confirm(button.dataset.confirm)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );
}
