import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Draft, Edit } from "../src/grid/book.ts";
import { joined, Keep } from "../src/grid/keep.ts";

const edit = (text: string, typed: number): Edit => ({
  text,
  mark: 0,
  base: 0,
  was: { text: "", mark: 0 },
  typed,
});
const draft = (edits: Array<[string, Edit]>, sent: Array<[string, Edit]> = [], sentKey = ""): Draft => ({
  edits,
  sent,
  sentKey,
});

beforeEach(() => localStorage.clear());

describe("drafts on the device", () => {
  it("come back to whoever opens the sheet next, and to no other account or sheet", async () => {
    await new Keep("5", "one").save(7, draft([["a", edit("1", 1)]]));
    expect(await new Keep("6", "two").load(7)).toBeNull();
    expect(await new Keep("5", "two").load(77)).toBeNull();
    expect((await new Keep("5", "two").load(7))?.edits[0]?.[1].text).toBe("1");
    expect((await new Keep("5", "three").load(7))?.edits).toHaveLength(1); // the second took it over
  });

  it("of two windows are joined, and one does not forget the other's", async () => {
    const [one, two] = [new Keep("5", "one"), new Keep("5", "two")];
    await one.save(7, draft([["a", edit("1", 1)]]));
    await two.save(7, draft([["b", edit("2", 2)]]));
    await two.save(7, null);
    expect((await new Keep("5", "three").load(7))?.edits.map(([key]) => key)).toEqual(["a"]);
  });

  it("are forgotten when the server has everything, and after a month", async () => {
    const keep = new Keep("5", "one");
    await keep.save(7, draft([["a", edit("1", 1)]]));
    vi.useFakeTimers({ now: Date.now() + 32 * 24 * 3600 * 1000 });
    expect(await new Keep("5", "two").load(7)).toBeNull();
    vi.useRealTimers();
    await keep.save(7, null);
    expect(localStorage.length).toBe(0);
  });

  it("keep what was on its way under its key; an older window's becomes an edit again", () => {
    const now = Date.now();
    const older = { ...draft([], [["a", edit("1", 1)]], "k1"), at: now - 2 };
    const newer = { ...draft([["a", edit("3", 3)]], [["b", edit("2", 2)]], "k2"), at: now - 1 };
    const found = joined([newer, older]);
    expect(found?.sentKey).toBe("k2");
    expect(found?.sent.map(([key]) => key)).toEqual(["b"]);
    expect(found?.edits.map(([key, one]) => key + one.text)).toEqual(["a3"]);
  });

  it("with a broken storage are none, not an error", async () => {
    localStorage.setItem("gangmu-draft:5:7:x", "{");
    expect(await new Keep("5", "one").load(7)).toBeNull();
  });
});
