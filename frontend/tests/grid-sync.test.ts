import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Book, type Cell, type SheetAnswer, UNTOUCHED } from "../src/grid/book.ts";
import { type Reply, type Request, Sync } from "../src/grid/sync.ts";

const TIMING = { pause: 100, look: 5000, longest: 60_000 };

function cell(key: string, sheet: number): Cell {
  return {
    key,
    sheet,
    organisation: sheet,
    code: key,
    required: false,
    idle: "",
    proposed: null,
    readonly: false,
    server: { ...UNTOUCHED },
    edit: null,
    sent: null,
    theirs: null,
    findings: [],
    remarks: 0,
    news: false,
  };
}

const taken = (request: Request): Reply => ({
  kind: "answer",
  sheets: request.sheets.map(
    ({ id, seen, edits }): SheetAnswer => ({
      id,
      version: seen + (edits.length > 0 ? 1 : 0),
      editable: true,
      refused: "",
      cells: [],
      conflicts: [],
      findings: null,
    }),
  ),
});

let book: Book;
let requests: Request[];
let replies: Array<(request: Request) => Reply | Promise<Reply>>;
let sync: Sync;
let keys: number;

beforeEach(() => {
  vi.useFakeTimers();
  book = new Book(
    [
      { id: 1, version: 0, editable: true, sentKey: "" },
      { id: 2, version: 0, editable: true, sentKey: "" },
    ],
    [cell("a", 1), cell("b", 1), cell("c", 2)],
  );
  requests = [];
  replies = [];
  keys = 0;
  sync = new Sync(
    book,
    async (request) => {
      requests.push(request);
      return (replies.shift() ?? taken)(request);
    },
    () => {},
    () => `key-${++keys}`,
    TIMING,
  );
});

afterEach(() => {
  sync.stop();
  vi.useRealTimers();
});

const type = (key: string, text: string) => {
  book.type(key, { text, mark: 0 });
  sync.wake();
};
const sentEdits = (request: Request | undefined) =>
  request?.sheets.flatMap((sheet) => sheet.edits.map(([key, text]) => key + text));

describe("the exchange", () => {
  it("sends what was typed in a short while together, sheet by sheet", async () => {
    type("a", "1");
    type("c", "3");
    await vi.advanceTimersByTimeAsync(TIMING.pause);
    expect(requests).toHaveLength(1);
    expect(sentEdits(requests[0])).toEqual(["a1", "c3"]);
    expect(requests[0]?.sheets.map((sheet) => sheet.key)).not.toContain("");
    expect(new Set(requests[0]?.sheets.map((sheet) => sheet.key)).size).toBe(2);
    expect(book.counts().unsaved).toBe(0);
  });

  it("repeats an act under its key until it is answered, then sends what came after under another", async () => {
    replies = [() => ({ kind: "no-line" }), () => ({ kind: "no-line" })];
    type("a", "1");
    await vi.advanceTimersByTimeAsync(TIMING.pause);
    expect(sync.line).toBe("offline");
    type("a", "2");
    await vi.advanceTimersByTimeAsync(2000); // the first repetition
    await vi.advanceTimersByTimeAsync(4000); // the second, which arrives
    expect(requests.slice(0, 3).map(sentEdits)).toEqual([["a1"], ["a1"], ["a1"]]);
    expect(new Set(requests.slice(0, 3).map((request) => request.sheets[0]?.key)).size).toBe(1);
    await vi.advanceTimersByTimeAsync(TIMING.pause);
    expect(sentEdits(requests[3])).toEqual(["a2"]);
    expect(requests[3]?.sheets[0]?.key).not.toBe(requests[0]?.sheets[0]?.key);
    expect(sync.line).toBe("idle");
    expect(book.counts().unsaved).toBe(0);
  });

  it("waits longer after each failure, and a minute at most", async () => {
    replies = Array.from({ length: 50 }, () => () => ({ kind: "no-line" }) as Reply);
    type("a", "1");
    await vi.advanceTimersByTimeAsync(TIMING.pause);
    const counts: number[] = [];
    for (let minute = 0; minute < 4; minute++) {
      const before = requests.length;
      await vi.advanceTimersByTimeAsync(60_000);
      counts.push(requests.length - before);
    }
    expect(counts[0]).toBeLessThanOrEqual(6);
    expect(counts[3]).toBe(1);
  });

  it("never has two on the way", async () => {
    let answer = (_: Reply) => {};
    replies = [() => new Promise<Reply>((resolve) => (answer = resolve))];
    type("a", "1");
    const first = sync.flush();
    const second = sync.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(requests).toHaveLength(1);
    answer(taken(requests[0] as Request));
    await Promise.all([first, second]);
    expect(requests).toHaveLength(2);
    expect(sentEdits(requests[1])).toEqual([]);
  });

  it("keeps everything when it is refused, and says why", async () => {
    replies = [() => ({ kind: "refused", message: "Somebody else has signed in" })];
    type("a", "1");
    await vi.advanceTimersByTimeAsync(TIMING.pause);
    expect([sync.line, sync.message]).toEqual(["refused", "Somebody else has signed in"]);
    expect(book.draft(1)?.edits).toHaveLength(1);
    await sync.flush();
    expect(sync.line).toBe("idle");
    expect(book.draft(1)).toBeNull();
  });

  it("looks for others' changes when there is nothing to send", async () => {
    sync.watch();
    await vi.advanceTimersByTimeAsync(TIMING.look * 3);
    expect(requests).toHaveLength(3);
    expect(requests.flatMap(sentEdits)).toEqual([]);
  });

  it("does not send what is in dispute", async () => {
    book.type("a", { text: "1", mark: 0 });
    replies = [
      (request) => {
        const reply = taken(request);
        if (reply.kind === "answer" && reply.sheets[0]) {
          reply.sheets[0].conflicts = [{ ...UNTOUCHED, key: "a", text: "9", version: 1 }];
        }
        return reply;
      },
    ];
    await sync.flush();
    expect(book.counts().conflicts).toBe(1);
    await sync.flush();
    expect(sentEdits(requests[1])).toEqual([]);
  });
});
