import type { Sheet, SheetAnswer, StoredCell } from "./book.ts";

/**
 * The page without a line: a service worker keeps the last copy of a sheet's page and the files it needs. Copies
 * belong to the account that opened them and are thrown away when somebody signs out or in.
 */

const PAGES = "gangmu-pages";

interface Seen {
  account: string;
  version: number;
  cells: StoredCell[];
}

function seenAt(sheet: number): string {
  return `/filing/seen/${sheet}`;
}

/** Keeps what the server is known to have of a sheet: a copy of its page is as old as the visit. */
export async function keepSeen(account: string, sheet: Sheet, cells: StoredCell[]): Promise<void> {
  if (!("caches" in window)) return;
  const seen: Seen = { account, version: sheet.version, cells };
  try {
    await (await caches.open(PAGES)).put(seenAt(sheet.id), new Response(JSON.stringify(seen)));
  } catch {
    // a full device: the next visit asks the server
  }
}

/** What was kept, where it is newer than the page. */
export async function recallSeen(account: string, sheet: Sheet): Promise<SheetAnswer | null> {
  if (!("caches" in window)) return null;
  const kept = await (await caches.open(PAGES)).match(seenAt(sheet.id));
  const seen: Seen | null = kept ? await kept.json() : null;
  if (seen?.account !== account || seen.version <= sheet.version) return null;
  const { id, editable } = sheet;
  return { id, editable, version: seen.version, cells: seen.cells, refused: "", conflicts: [], findings: null };
}

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
