/**
 * Drafts on the device, one for each account and sheet: what was typed and the server does not have yet. IndexedDB
 * holds them; where there is none (or it is locked) localStorage does.
 */
import type { Draft } from "./book.ts";

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

export class Keep {
  private readonly account: string;
  private database: Promise<IDBDatabase> | null;

  constructor(account: string) {
    this.account = account;
    this.database = typeof indexedDB === "undefined" ? null : open();
    this.database?.catch(() => {
      this.database = null;
    });
  }

  private key(sheet: number): string {
    return `${PREFIX}${this.account}:${sheet}`;
  }

  /** The newer of what the two places hold; a page that was closed in a hurry wrote into the second alone. */
  async load(sheet: number): Promise<Draft | null> {
    const key = this.key(sheet);
    const hurried = readHurried(key);
    let kept: Kept | undefined;
    try {
      const database = await this.database;
      if (database) kept = await done(database.transaction(STORE).objectStore(STORE).get(key));
    } catch {
      this.database = null;
    }
    const newer = hurried && (!kept || hurried.at >= kept.at) ? hurried : kept;
    return newer && Date.now() - newer.at < A_MONTH ? newer : null;
  }

  /** Keeps a draft, or forgets it when it is null. Resolves when it is written. */
  async save(sheet: number, draft: Draft | null): Promise<void> {
    const key = this.key(sheet);
    const kept = draft && { ...draft, at: Date.now() };
    try {
      const database = await this.database;
      if (!database) throw new Error("no database");
      const store = database.transaction(STORE, "readwrite").objectStore(STORE);
      if (kept) await done(store.put(kept, key));
      else await done(store.delete(key));
      localStorage.removeItem(key);
    } catch {
      this.database = null;
      this.saveHurriedly(sheet, draft);
    }
  }

  /** Keeps a draft at once, for a page that is going away: a database may not finish any more. */
  saveHurriedly(sheet: number, draft: Draft | null): void {
    const key = this.key(sheet);
    try {
      if (draft) localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() }));
      else localStorage.removeItem(key);
    } catch {
      // A full or forbidden storage: the page itself still holds everything, and the status line says "not saved".
    }
  }
}

function readHurried(key: string): Kept | undefined {
  try {
    const text = localStorage.getItem(key);
    return text ? (JSON.parse(text) as Kept) : undefined;
  } catch {
    return undefined;
  }
}
