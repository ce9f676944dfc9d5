/**
 * The grid in which sheets are filled in. The server writes tables of plain inputs, which work as a form; this makes
 * a spreadsheet of them that saves by itself, cell by cell, and loses nothing when the line or the machine goes away.
 */
import { Bar, Card, isOffered, part, Status } from "./around.ts";
import { type Cell, current, isFaulty, isWarned } from "./book.ts";
import { Desk } from "./desk.ts";
import { watchHands } from "./hands.ts";
import { Keep } from "./keep.ts";
import { keepPage, keepSeen, recallSeen } from "./offline.ts";
import { readPage } from "./page.ts";
import { Painter } from "./paint.ts";
import { poster } from "./post.ts";
import { Remarks } from "./remarks.ts";
import { Sync } from "./sync.ts";
import { Words } from "./words.ts";

const ROUNDED = 5;
const BREATH = 120; // between two writings to the device while somebody types

/** A name that no other act has; also where the page came over plain HTTP, which has no `randomUUID`. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function grid(element: HTMLElement): void {
  void start(element as HTMLFormElement);
}

async function start(form: HTMLFormElement): Promise<void> {
  const { account = "", sync: address = "", remarks: remarksAddress = "" } = form.dataset;
  const words = new Words(form.dataset.words);
  const { book, blocks, spots } = readPage(form);
  const keep = new Keep(account, newKey());
  const unkept = new Set<number>();

  // What is typed is on the device before anything else happens to it.
  let writing: Promise<void> | null = null;
  async function write(): Promise<void> {
    while (unkept.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, BREATH));
      const sheets = [...unkept];
      unkept.clear();
      await Promise.all(sheets.map((id) => keep.save(id, book.draft(id))));
    }
    writing = null;
    status.show();
  }
  function keepCells(keys: Iterable<string>): void {
    for (const key of keys) {
      const cell = book.cells.get(key);
      if (cell) unkept.add(cell.sheet);
    }
    if (unkept.size > 0) writing ??= write();
  }

  const listener = {
    changed(keys: Set<string>): void {
      painter.paint(keys);
      keepCells(keys);
      sync.wake();
      showAround();
    },
    selected(): void {
      bar.show();
      card.show();
      status.showTotals();
    },
    say(text: string): void {
      const place = part(form, "said");
      if (place) place.textContent = text;
    },
  };
  const desk = new Desk(book, blocks, spots, words, listener);
  const painter = new Painter(book, spots, words, () => desk.beingTyped());
  const sync = new Sync(
    book,
    poster(address, account),
    (touched) => {
      painter.paint(touched);
      keepCells(touched);
      showAround();
      if (touched.size > 0 && sync.line === "idle") {
        for (const sheet of book.sheets.values()) void keepSeen(account, sheet, book.stored(sheet.id));
      }
    },
    newKey,
  );
  const bar = new Bar(form, desk, words);
  const card = new Card(form, desk, words, act);
  const status = new Status(form, desk, words, sync, () => unkept.size === 0 && writing === null);
  const remarks = new Remarks(remarksAddress, words, newKey, (cell) => {
    painter.paint([cell.key]);
    const spot = spots.get(cell.key);
    if (spot) desk.go(spot);
    card.show();
  });

  function showAround(): void {
    bar.show();
    card.show();
    status.show();
    status.showTotals();
  }

  function act(name: string, cell: Cell): void {
    if (name === "mine" || name === "theirs") {
      book.decide(cell.key, name);
      listener.changed(new Set([cell.key]));
    } else if (name === "round") desk.put([{ key: cell.key, value: { text: cell.server.text, mark: ROUNDED } }]);
    else if (name === "accept") desk.accept([cell], false);
    else if (name === "remarks") openRemarks();
  }

  /** On to the next cell that cannot stay as it is: two figures first, then faults, warnings, and what is missing. */
  function next(): void {
    desk.commit();
    const wanted = [
      (cell: Cell) => cell.theirs !== null,
      isFaulty,
      isWarned,
      (cell: Cell) => cell.required && current(cell).text === "",
    ];
    if (!wanted.some((one) => desk.seek(one))) listener.say(words.say("nothing left"));
  }

  function openRemarks(): void {
    desk.commit();
    const { cell } = desk;
    if (cell) remarks.open(cell, part(form, "where")?.textContent ?? "");
  }

  async function save(): Promise<void> {
    desk.commit();
    await sync.flush();
  }

  /** Onwards only when the server has everything; a link that leads away must not leave anything behind. */
  async function leave(link: HTMLAnchorElement): Promise<void> {
    await save();
    const { unsaved, conflicts } = book.counts();
    if (unsaved === 0) window.location.assign(link.href);
    else {
      listener.say(words.say(conflicts > 0 ? "decide first" : "save first", { n: conflicts || unsaved }));
      if (conflicts > 0) next();
    }
  }

  for (const sheet of book.sheets.values()) {
    const seen = await recallSeen(account, sheet).catch(() => null);
    if (!seen) continue;
    for (const key of book.take(seen)) (book.cells.get(key) as Cell).news = false;
  }
  const drafts = await Promise.all([...book.sheets.keys()].map(async (id) => [id, await keep.load(id)] as const));
  for (const [id, draft] of drafts) if (draft) book.restore(id, draft);

  form.dataset.ready = "";
  for (const { input } of spots.values()) {
    input.inputMode = "decimal";
    input.enterKeyHint = "next";
  }
  painter.paint(spots.keys());
  watchHands(form, desk, { remark: openRemarks, card: () => card.enter(), save: () => void save() });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8") return;
    event.preventDefault();
    next();
  });
  watchButtons(form, desk, { save, leave, openRemarks });
  form.addEventListener("input", () => {
    status.show();
    keepTyped();
  });
  showAround();
  goToAddressed();
  window.addEventListener("hashchange", goToAddressed);

  // Pages that speak of a cell lead to it: #cell-45-generation.
  function goToAddressed(): void {
    const box = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    const spot = box && [...spots.values()].find((one) => one.box === box);
    if (spot) desk.go(spot);
  }

  // The text of a cell that is still being typed in is kept as well, should the power go.
  let typing: ReturnType<typeof setTimeout> | undefined;
  function keepTyped(): void {
    clearTimeout(typing);
    typing = setTimeout(() => saveHurriedly(), 400);
  }
  function saveHurriedly(): void {
    const key = desk.beingTyped();
    const cell = key === null ? undefined : book.cells.get(key);
    for (const id of new Set([...unkept, ...(cell ? [cell.sheet] : [])])) {
      const draft = book.draft(id) ?? { edits: [], sent: [], sentKey: "" };
      const spot = cell?.sheet === id ? spots.get(cell.key) : undefined;
      if (cell && spot) {
        const { text, mark, version } = cell.server;
        const edit = {
          base: version,
          was: { text, mark },
          ...cell.edit,
          text: spot.input.value.trim(),
          mark: 0,
          typed: Date.now(),
        };
        draft.edits = [...draft.edits.filter(([one]) => one !== cell.key), [cell.key, edit]];
      }
      keep.saveHurriedly(id, draft);
    }
  }

  window.addEventListener("online", () => void sync.flush());
  window.addEventListener("focus", () => {
    if (sync.line === "signed-out") void sync.flush();
  });
  window.addEventListener("pagehide", saveHurriedly);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return void sync.flush();
    saveHurriedly();
    desk.commit();
    if (book.counts().unsaved > 0) void sync.flush();
    else sync.stop();
  });
  if (book.counts().unsaved > 0) void sync.flush();
  else sync.watch();
  void keepPage(form);
}

interface Ways {
  save(): Promise<void>;
  leave(link: HTMLAnchorElement): Promise<void>;
  openRemarks(): void;
}

function watchButtons(form: HTMLFormElement, desk: Desk, ways: Ways): void {
  const on = (name: string, act: () => void) =>
    part(form, name)?.addEventListener("click", () => {
      desk.commit();
      act();
      if (desk.active && name !== "remark") desk.go(desk.active);
    });
  on("undo", () => desk.undo());
  on("redo", () => desk.redo());
  on("idle", () => desk.idle(desk.selected()));
  on("accept", () => desk.accept([...desk.book.cells.values()].filter(isOffered), true));
  on("remark", ways.openRemarks);
  part(form, "beside")?.addEventListener("click", (event) => {
    const hidden = form.toggleAttribute("data-bare");
    (event.currentTarget as HTMLElement).setAttribute("aria-pressed", String(!hidden));
    rememberBare(hidden);
  });
  if (remembersBare()) part(form, "beside")?.click();
  form.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("button[data-idle]");
    if (!button) return;
    desk.commit();
    const organisation = Number(button.dataset.idle);
    desk.idle([...desk.book.cells.values()].filter((cell) => cell.organisation === organisation));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ways.save();
  });
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-grid-onwards]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      void ways.leave(link);
    });
  }
}

const BARE = "gangmu-grid-bare";

function rememberBare(hidden: boolean): void {
  try {
    localStorage.setItem(BARE, hidden ? "1" : "");
  } catch {
    // a browser without a memory shows them each time
  }
}

function remembersBare(): boolean {
  try {
    return localStorage.getItem(BARE) === "1";
  } catch {
    return false;
  }
}
