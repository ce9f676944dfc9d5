/**
 * Drafts on the device, one for each account and sheet: what was typed and the server does not have yet. IndexedDB
 * holds them; where there is none (or it is locked), and for a page that is going away, localStorage does.
 *
 * Two windows may have the same sheet open, so each writes under a name of its own; whoever opens the sheet next takes
 * over what all of them left.
 */
import type { Draft, Edit } from "./book.ts";

interface Kept extends Draft {
  at: number;
}

const STORE = "drafts";
const PREFIX = "gangmu-draft:";
const A_MONTH = 31 * 24 * 3600 * 1000;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("gangmu-filing", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Everything that several windows left: of two edits of a cell the later; what one had on its way keeps its key. */
export function joined(drafts: readonly Kept[]): Draft | null {
  const kept = drafts.filter((draft) => Date.now() - draft.at < A_MONTH).sort((one, other) => one.at - other.at);
  const newest = kept.at(-1);
  if (!newest) return null;
  const edits = new Map<string, Edit>();
  for (const draft of kept) {
    for (const [key, edit] of draft === newest ? draft.edits : [...draft.sent, ...draft.edits]) {
      if (edit.typed >= (edits.get(key)?.typed ?? 0)) edits.set(key, edit);
    }
  }
  for (const [key, edit] of newest.sent) if (edit.typed >= (edits.get(key)?.typed ?? 0)) edits.delete(key);
  return { edits: [...edits], sent: newest.sent, sentKey: newest.sentKey };
}

export class Keep {
  private database: Promise<IDBDatabase> | null;

  constructor(
    private readonly account: string,
    private readonly window: string,
  ) {
    this.database = typeof indexedDB === "undefined" ? null : open();
    this.database?.catch(() => {
      this.database = null;
    });
  }

  private prefix(sheet: number): string {
    return `${PREFIX}${this.account}:${sheet}:`;
  }

  /** What is left of a sheet by all windows; it is this one's from now on. */
  async load(sheet: number): Promise<Draft | null> {
    const prefix = this.prefix(sheet);
    const found = readHurried(prefix);
    const names: string[] = [];
    try {
      const database = await this.database;
      if (database) {
        const all = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
        const store = database.transaction(STORE).objectStore(STORE);
        const [kept, keys] = await Promise.all([done(store.getAll(all)), done(store.getAllKeys(all))]);
        for (const [index, key] of keys.entries()) {
          names.push(String(key));
          const hurried = found.get(String(key));
          if (!hurried || hurried.at < kept[index].at) found.set(String(key), kept[index]);
        }
      }
    } catch {
      this.database = null;
    }
    const draft = joined([...found.values()]);
    if (found.size > 0) {
      await this.save(sheet, draft);
      for (const name of [...found.keys(), ...names]) if (name !== prefix + this.window) await this.forget(name);
    }
    return draft;
  }

  /** Keeps this window's draft, or forgets it when it is null. Resolves when it is written. */
  async save(sheet: number, draft: Draft | null): Promise<void> {
    const key = this.prefix(sheet) + this.window;
    if (!draft) return this.forget(key);
    try {
      const database = await this.database;
      if (!database) throw new Error("no database");
      await done(
        database
          .transaction(STORE, "readwrite")
          .objectStore(STORE)
          .put({ ...draft, at: Date.now() }, key),
      );
      localStorage.removeItem(key);
    } catch {
      this.database = null;
      this.saveHurriedly(sheet, draft);
    }
  }

  private async forget(key: string): Promise<void> {
    try {
      localStorage.removeItem(key);
      const database = await this.database;
      if (database) await done(database.transaction(STORE, "readwrite").objectStore(STORE).delete(key));
    } catch {
      this.database = null;
    }
  }

  /** Keeps a draft at once, for a page that is going away: a database may not finish any more. */
  saveHurriedly(sheet: number, draft: Draft): void {
    try {
      localStorage.setItem(this.prefix(sheet) + this.window, JSON.stringify({ ...draft, at: Date.now() }));
    } catch {
      // A full or forbidden storage: the page itself still holds everything, and the status line says "not saved".
    }
  }
}

function readHurried(prefix: string): Map<string, Kept> {
  const found = new Map<string, Kept>();
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index) ?? "";
      const text = key.startsWith(prefix) ? localStorage.getItem(key) : null;
      if (text) found.set(key, JSON.parse(text) as Kept);
    }
  } catch {
    // a browser without a memory
  }
  return found;
}
