/**
 * The page without a line: a service worker keeps the last copy of a sheet's page and the files it needs. Copies
 * belong to the account that opened them and are thrown away when somebody signs out or in.
 */

/** Lets the worker keep this page. Browsers have workers over HTTPS, and on the machine itself, alone. */
export async function keepPage(form: HTMLElement): Promise<void> {
  const { worker, account } = form.dataset;
  if (!worker || !account || !("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(worker, { scope: new URL("./", new URL(worker, location.href)).pathname });
    const { active } = await navigator.serviceWorker.ready;
    const files = [...document.querySelectorAll<HTMLLinkElement | HTMLScriptElement>("link[href], script[src]")].map(
      (one) => ("href" in one ? one.href : one.src),
    );
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    active?.postMessage({ keep: { account, page: location.href, files: [...files, ...loaded] } });
  } catch {
    // No worker: what is typed is kept all the same, only a reload needs the line.
  }
}
