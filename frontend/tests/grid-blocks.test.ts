import { describe, expect, it } from "vitest";
import { at, fill, paste, step, turned } from "../src/grid/blocks.ts";
import { difference, plain, sameFigure, totals } from "../src/grid/figures.ts";
import { History } from "../src/grid/history.ts";
import { parseBlock, writeBlock } from "../src/grid/tsv.ts";

describe("a block from the clipboard", () => {
  it.each([
    [
      "1\t2\r\n3\t4\r\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "1\t2\n3\t4",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["1\r2\r", [["1"], ["2"]]],
    ["\ufeff7", [["7"]]],
    ["a\t\tb", [["a", "", "b"]]],
    [
      "1\t\r\n\t2\r\n",
      [
        ["1", ""],
        ["", "2"],
      ],
    ],
    ["\r\n1\r\n", [[""], ["1"]]],
    ['"two\r\nlines"\t3', [["two lines", "3"]]],
    ['"say ""yes"""\t1', [['say "yes"', "1"]]],
    ['"a\tb"\tc', [["a b", "c"]]],
    ['12" pipe\t1', [['12" pipe', "1"]]],
    ['"open\t1', [['"open', "1"]]],
    ['"in" side\t1', [['"in" side', "1"]]],
    [" 1,234.50 \t\u00a05\u3000", [["1,234.50", "5"]]],
    ["", [[""]]],
  ])("%j is %j", (text, rows) => {
    expect(parseBlock(text)).toEqual(rows);
  });

  it("comes back as it was written", () => {
    const rows = [
      ["1,234.5", '"x"', "a b"],
      ["", "−5", "停运"],
    ];
    expect(parseBlock(writeBlock(rows))).toEqual(rows);
    expect(
      writeBlock([
        ["1", "2"],
        ["3", "4"],
      ]),
    ).toBe("1\t2\r\n3\t4");
  });
});

const size = { rows: 4, columns: 3 };
const area = (top: number, left: number, bottom: number, right: number) => ({ top, left, bottom, right });

describe("pasting", () => {
  it("begins at the corner of the selection", () => {
    const { puts, rowsCut, columnsCut } = paste(
      [
        ["1", "2"],
        ["3", "4"],
      ],
      area(1, 1, 1, 1),
      size,
    );
    expect(puts.map(({ row, column, text }) => `${row}${column}${text}`)).toEqual(["111", "122", "213", "224"]);
    expect([rowsCut, columnsCut]).toEqual([0, 0]);
  });

  it("cuts off what lies beyond the edge, and counts it", () => {
    const wide = paste(
      [
        ["1", "2", "3", "4"],
        ["5", "6", "7", "8"],
      ],
      area(3, 1, 3, 1),
      size,
    );
    expect(wide.puts.map((put) => put.text)).toEqual(["1", "2"]);
    expect([wide.rowsCut, wide.columnsCut]).toEqual([1, 2]);
    expect(wide.area).toEqual(area(3, 1, 3, 2));
  });

  it("fills a selection with one value, and repeats a block that fits it", () => {
    expect(paste([["9"]], area(0, 0, 1, 1), size).puts).toHaveLength(4);
    const twice = paste([["1"], ["2"]], area(0, 0, 3, 0), size);
    expect(twice.puts.map((put) => put.text)).toEqual(["1", "2", "1", "2"]);
    const once = paste([["1"], ["2"]], area(0, 0, 2, 0), size);
    expect(once.puts.map((put) => put.text)).toEqual(["1", "2"]);
  });

  it("leaves cells alone that short rows do not reach", () => {
    expect(paste([["1", "2"], ["3"]], area(0, 0, 0, 0), size).puts).toHaveLength(3);
  });

  it("can turn a block round", () => {
    expect(turned([["1", "2", "3"], ["4"]])).toEqual([
      ["1", "4"],
      ["2", ""],
      ["3", ""],
    ]);
  });
});

describe("filling and moving", () => {
  it("fills from the first row, or from the row above a single one", () => {
    expect(fill(area(0, 1, 2, 1), "down")).toEqual([
      { to: { row: 1, column: 1 }, from: { row: 0, column: 1 } },
      { to: { row: 2, column: 1 }, from: { row: 0, column: 1 } },
    ]);
    expect(fill(area(2, 1, 2, 1), "down")).toEqual([{ to: { row: 2, column: 1 }, from: { row: 1, column: 1 } }]);
    expect(fill(area(0, 1, 0, 1), "down")).toEqual([]);
    expect(fill(area(1, 0, 1, 2), "right").map(({ from }) => from.column)).toEqual([0, 0]);
  });

  it("stops at the edge", () => {
    expect(step({ row: 0, column: 0 }, "up", size)).toBeNull();
    expect(step({ row: 1, column: 1 }, "down", size)).toEqual({ row: 2, column: 1 });
    expect(step({ row: 1, column: 1 }, "right", size, true)).toEqual({ row: 1, column: 2 });
    expect(at(1, 2).head).toEqual({ row: 1, column: 2 });
  });
});

describe("figures", () => {
  it.each([
    ["1,200", "1200.0", true],
    ["１２.５", "12.50", true],
    ["-0", "0", true],
    ["−3", "-3", true],
    ["停运", "停运", true],
    ["停运", "0", false],
    ["", "0", false],
    ["1.0000000000000000001", "1", false],
  ])("%s and %s", (one, other, expected) => {
    expect(sameFigure(one, other)).toBe(expected);
  });

  it("are added up exactly, the mean half up with two more decimals", () => {
    expect(totals(["0.1", "0.2", "停运", ""])).toEqual({ count: 2, sum: "0.3", mean: "0.150" });
    expect(totals(["1", "1", "0"])).toEqual({ count: 3, sum: "2", mean: "0.67" });
    expect(totals(["-1", "0", "0", "0", "0", "0", "0", "0"])?.mean).toBe("−0.13");
    expect(totals(["9007199254740993", "1"])?.sum).toBe("9,007,199,254,740,994");
    expect(totals(["x"])).toBeNull();
  });

  it("say how far they are apart", () => {
    expect(difference("1,002.5", "1000")).toBe("+2.5");
    expect(difference("999", "1,000")).toBe("−1");
    expect(difference("x", "1")).toBe("");
    expect(plain(" １，２３４ ")).toBe("1234");
  });
});

describe("history", () => {
  const change = (before: string, after: string) => ({
    key: "1:a",
    before: { text: before, mark: 0 },
    after: { text: after, mark: 0 },
  });

  it("goes back and forth, and forgets what was undone when something new is done", () => {
    const history = new History();
    history.add([change("", "1")]);
    history.add([change("1", "2")]);
    expect(history.undo()[0]?.value.text).toBe("1");
    expect(history.redo()[0]?.value.text).toBe("2");
    history.undo();
    history.add([change("1", "3")]);
    expect(history.canRedo).toBe(false);
    expect(history.undo()[0]?.value.text).toBe("1");
    expect(history.undo()[0]?.value.text).toBe("");
    expect(history.undo()).toEqual([]);
  });
});
