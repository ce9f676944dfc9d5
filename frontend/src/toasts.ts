/** Short messages at the corner. Their words come from the server, in the user's language. */

const STAYS = 12_000;

/** Shows a prepared message: the content of `<template id="toast-NAME">`. */
export function showToast(name: string): void {
  const template = document.querySelector<HTMLTemplateElement>(`template#toast-${name}`);
  const corner = document.querySelector("#toasts");
  if (!template || !corner) return;
  const toast = template.content.firstElementChild?.cloneNode(true);
  if (!(toast instanceof HTMLElement)) return;
  corner.replaceChildren(toast);
  setTimeout(() => toast.remove(), STAYS);
}

/** Buttons with `data-dismiss="SELECTOR"` take away what they stand in. */
export function watchDismissals(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-dismiss]");
    if (button?.dataset.dismiss) button.closest(button.dataset.dismiss)?.remove();
  });
}
