/** Copies of pages that a service worker keeps belong to who was signed in: they go when somebody signs out or in. */

export const COPIES = ["gangmu-pages", "gangmu-whose"];

/** Throws the copies away. Drafts stay: they are kept under their account and hold what nobody else has. */
export function forgetCopies(): void {
  if (!("caches" in window)) return;
  for (const name of COPIES) void caches.delete(name);
}

export function watchLeaving(root: Document): void {
  if (root.querySelector("input[autocomplete=username]")) forgetCopies();
  root.addEventListener("submit", (event) => {
    if ((event.target as HTMLFormElement).getAttribute("action")?.includes("/sign-out")) forgetCopies();
  });
}
