import { beforeEach, describe, expect, it } from "vitest";
import {
  Book,
  type Cell,
  current,
  type SheetAnswer,
  type Stored,
  type StoredCell,
  UNTOUCHED,
} from "../src/grid/book.ts";

const SHEET = 7;
const KEY = "1:energy";

function cell(key: string, server: Partial<Stored> = {}): Cell {
  return {
    key,
    sheet: SHEET,
    organisation: 1,
    code: key.slice(2),
    required: true,
    idle: "zero",
    proposed: null,
    readonly: false,
    server: { ...UNTOUCHED, ...server },
    edit: null,
    sent: null,
    theirs: null,
    findings: [],
    remarks: 0,
    news: false,
  };
}

const value = (text: string) => ({ text, mark: 0 });
const theirs = (key: string, text: string, version: number): StoredCell => ({
  ...UNTOUCHED,
  key,
  text,
  version,
  by: "Zhang",
  at: "07:32",
});
const answer = (version: number, more: Partial<SheetAnswer> = {}): SheetAnswer => ({
  id: SHEET,
  version,
  editable: true,
  refused: "",
  cells: [],
  conflicts: [],
  findings: null,
  ...more,
});

let book: Book;
const get = (key = KEY): Cell => book.cells.get(key) as Cell;
const send = (key = "k1") => {
  const sheet = book.sheets.get(SHEET);
  return sheet ? book.send(sheet, key).map((one) => one.key) : [];
};

function open(server: Partial<Stored> = { text: "5", version: 3 }): Book {
  return new Book(
    [{ id: SHEET, version: 3, editable: true, sentKey: "" }],
    [cell(KEY, server), cell("1:hours"), cell("1:heat")],
    () => 1000,
  );
}

beforeEach(() => {
  book = open();
});

describe("what is typed", () => {
  it("is unsaved until the server has it", () => {
    expect(book.type(KEY, value("6"))).toBe(true);
    expect(book.counts().unsaved).toBe(1);
    expect(send()).toEqual([KEY]);
    expect(current(get()).text).toBe("6");
    book.take(answer(4));
    expect(book.counts().unsaved).toBe(0);
    expect(get().server).toMatchObject({ text: "6", version: 4, mine: true });
  });

  it("is nothing when it is what stood there", () => {
    book.type(KEY, value("6"));
    book.type(KEY, value("5"));
    expect(book.counts().unsaved).toBe(0);
    expect(send()).toEqual([]);
  });

  it("does not change a cell that may not be changed", () => {
    get().readonly = true;
    expect(book.type(KEY, value("6"))).toBe(false);
  });

  it("while something is on its way follows it, based on what that became", () => {
    book.type(KEY, value("6"));
    send();
    book.type(KEY, value("66"));
    expect(send("k2")).toEqual([KEY]); // still the first
    expect(get().sent?.text).toBe("6");
    book.take(answer(4));
    expect(get().edit).toMatchObject({ text: "66", base: 4 });
    expect(send("k3")).toEqual([KEY]);
    expect(get().sent?.text).toBe("66");
  });

  it("and taken back while on its way is sent back too", () => {
    book.type(KEY, value("6"));
    send();
    book.type(KEY, value("5"));
    book.take(answer(4));
    expect(get().edit).toMatchObject({ text: "5", base: 4 });
  });

  it("is unsent again when the server refuses", () => {
    book.type(KEY, value("6"));
    send();
    book.take(answer(3, { refused: "no", editable: false }));
    expect(get()).toMatchObject({ sent: null, readonly: true });
    expect(get().edit?.text).toBe("6");
    expect(send()).toEqual([]);
  });
});

describe("two people in one sheet", () => {
  it("a colleague's other cell comes in beside mine", () => {
    book.type(KEY, value("6"));
    send();
    book.take(answer(5, { cells: [theirs("1:hours", "24", 4)] }));
    expect(current(get()).text).toBe("6");
    expect(get("1:hours")).toMatchObject({ news: true, theirs: null });
    expect(current(get("1:hours")).text).toBe("24");
  });

  it("two figures for one cell are both kept, and nobody decides", () => {
    book.type(KEY, value("6"));
    send();
    book.take(answer(4, { conflicts: [theirs(KEY, "8", 4)] }));
    expect(get().edit?.text).toBe("6");
    expect(get().theirs).toMatchObject({ text: "8", by: "Zhang" });
    expect(send()).toEqual([]);
    expect(book.counts().conflicts).toBe(1);
  });

  it("choosing mine sends it on top of theirs", () => {
    book.type(KEY, value("6"));
    book.take(answer(4, { cells: [theirs(KEY, "8", 4)] }));
    expect(get().theirs?.text).toBe("8");
    book.decide(KEY, "mine");
    expect(send()).toEqual([KEY]);
    expect(get().sent).toMatchObject({ text: "6", base: 4 });
  });

  it("choosing theirs, or typing it, leaves nothing to send", () => {
    for (const decide of [() => book.decide(KEY, "theirs"), () => book.type(KEY, value("8.0"))]) {
      book = open();
      book.type(KEY, value("6"));
      book.take(answer(4, { cells: [theirs(KEY, "8", 4)] }));
      decide();
      expect(get()).toMatchObject({ edit: null, theirs: null });
      expect(current(get()).text).toBe("8");
    }
  });

  it("typing something else is not a decision", () => {
    book.type(KEY, value("6"));
    book.take(answer(4, { cells: [theirs(KEY, "8", 4)] }));
    book.type(KEY, value("7"));
    expect(get().theirs?.text).toBe("8");
    expect(send()).toEqual([]);
  });

  it("the same figure typed twice is no conflict", () => {
    book.type(KEY, value("1,200"));
    book.take(answer(4, { cells: [theirs(KEY, "1200.0", 4)] }));
    expect(get()).toMatchObject({ edit: null, theirs: null });
  });

  it("an answer repeated after a colleague wrote shows the colleague's figure", () => {
    book.type(KEY, value("6"));
    send();
    book.take(answer(6, { cells: [theirs(KEY, "9", 6)] }));
    expect(get()).toMatchObject({ edit: null, sent: null, news: true });
    expect(current(get()).text).toBe("9");
  });
});

describe("a draft on the device", () => {
  it("comes back over what the server has", () => {
    book.type(KEY, value("6"));
    book.type("1:hours", value("24"));
    const draft = JSON.parse(JSON.stringify(book.draft(SHEET)));
    book = open();
    book.restore(SHEET, draft);
    expect(current(get()).text).toBe("6");
    expect(send().sort()).toEqual([KEY, "1:hours"]);
  });

  it("keeps what was on its way under its key", () => {
    book.type(KEY, value("6"));
    send("the-key");
    const draft = book.draft(SHEET);
    book = open({ text: "6", version: 4, mine: true }); // it had arrived, only the answer was lost
    if (draft) book.restore(SHEET, draft);
    expect(book.sheets.get(SHEET)?.sentKey).toBe("the-key");
    expect(send("another")).toEqual([KEY]);
    expect(book.sheets.get(SHEET)?.sentKey).toBe("the-key");
    book.take(answer(4));
    expect(book.draft(SHEET)).toBeNull();
  });

  it("meets what a colleague wrote meanwhile", () => {
    book.type(KEY, value("6"));
    book.type("1:heat", value("1"));
    const draft = book.draft(SHEET);
    book = open({ text: "8", version: 9, by: "Zhang" });
    if (draft) book.restore(SHEET, draft);
    expect(get().theirs?.text).toBe("8");
    expect(get("1:heat").theirs).toBeNull();
    expect(send()).toEqual(["1:heat"]);
  });

  it("is empty when the server has everything", () => {
    expect(book.draft(SHEET)).toBeNull();
  });
});

describe("what is found", () => {
  const finding = { rule: "r", strength: "error" as const, text: "too much", explained: false };

  it("stands at its cells until the next answer", () => {
    const touched = book.take(answer(3, { findings: [{ ...finding, keys: [KEY, "1:hours"] }] }));
    expect([...touched].sort()).toEqual([KEY, "1:hours"]);
    expect(book.counts()).toMatchObject({ faults: 2, filled: 1, missing: 2, total: 3 });
    book.take(answer(3, { findings: [] }));
    expect(book.counts().faults).toBe(0);
  });

  it("a fault of an entry goes when it is typed over, and says so only when the server knows", () => {
    book.take(answer(4, { cells: [{ ...theirs(KEY, "--", 4), fault: "no figure" }] }));
    expect(book.counts().faults).toBe(1);
    book.type(KEY, value("4"));
    expect(book.counts().faults).toBe(0);
  });

  it("an explained warning counts no more", () => {
    const warning = { ...finding, strength: "warning" as const, keys: [KEY] };
    book.take(answer(3, { findings: [warning] }));
    expect(book.counts().warnings).toBe(1);
    book.take(answer(3, { findings: [{ ...warning, explained: true }] }));
    expect(book.counts().warnings).toBe(0);
  });
});
