import { beforeEach, describe, expect, it } from "vitest";
import { type Cell, current } from "../src/grid/book.ts";
import { Desk } from "../src/grid/desk.ts";
import { watchHands } from "../src/grid/hands.ts";
import { readPage } from "../src/grid/page.ts";
import { notices, Painter, states } from "../src/grid/paint.ts";
import { Words } from "../src/grid/words.ts";

const WORDS = {
  idle: "停运",
  pasted: "{rows}×{columns}",
  "rows cut": "{n} rows cut",
  locked: "{n} locked",
  "locked 1": "one locked",
  "nothing to undo": "nothing",
  accepted: "{n} taken",
  "accepted 1": "one taken",
  "keep mine": "mine {value}",
};
const KNOWN = {
  sheets: [
    { id: 1, version: 4, editable: true, organisations: [10, 11], absent: [11] },
    { id: 2, version: 1, editable: false, organisations: [20], absent: [] },
  ],
  items: { gen: { required: true, idle: "zero" }, hours: { required: false, idle: "" } },
  cells: [
    ["10:gen", "5", 0, 3, "Li", "07:30", 1],
    ["10:hours", "x", 0, 4, "Li", "07:31", 0, "not a number", "1.3"],
  ],
  proposed: [["11:gen", "7", 3, "SIS"]],
  findings: [["r", 0, 0, "too much", ["10:gen"]]],
  remarks: { "10:gen": 2 },
};

let desk: Desk;
let said: string[];
let form: HTMLFormElement;

const get = (key: string) => desk.book.cells.get(key) as Cell;
const input = (key: string) => desk.spots.get(key)?.input as HTMLInputElement;
const text = (key: string) => current(get(key)).text;

beforeEach(() => {
  const row = (id: number, values: string[]) =>
    `<tr><th>row</th>${["gen", "hours"].map((code, i) => `<td><input name="${id}:${code}" value="${values[i] ?? ""}"></td>`).join("")}</tr>`;
  document.body.innerHTML = `<form><textarea name="known"></textarea>
    <table data-block><thead><tr><th></th><th data-column="0">gen</th><th data-column="1">hours</th></tr></thead>
      <tbody>${row(10, ["5", "x"])}${row(11, [])}${row(20, [])}</tbody></table></form>`;
  form = document.querySelector("form") as HTMLFormElement;
  (form.elements.namedItem("known") as HTMLTextAreaElement).value = JSON.stringify(KNOWN);
  const { book, blocks, spots } = readPage(form);
  said = [];
  const words = new Words(JSON.stringify(WORDS));
  const painter = new Painter(book, spots, words, () => desk.beingTyped());
  desk = new Desk(book, blocks, spots, words, {
    changed: (keys) => painter.paint(keys),
    selected: () => {},
    say: (one) => said.push(one),
  });
  painter.paint(spots.keys());
  watchHands(form, desk, { remark() {}, card() {}, save() {} });
});

const press = (key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  document.activeElement?.dispatchEvent(event);
  return event.defaultPrevented;
};
const type = (value: string) => {
  const element = document.activeElement as HTMLInputElement;
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
};

describe("a page", () => {
  it("is read with its cells, states and sheets", () => {
    const words = new Words(JSON.stringify(WORDS));
    expect(desk.blocks[0]?.size).toEqual({ rows: 3, columns: 2 });
    expect(states(get("10:gen"), words)).toEqual(["saved", "warned", "remarks"]);
    expect(states(get("10:hours"), words)).toEqual(["faulty"]);
    expect(states(get("11:gen"), words)).toEqual(["empty", "proposed"]); // not in service: not required
    expect(states(get("20:gen"), words)).toEqual(["required", "locked"]);
    expect(input("11:gen").placeholder).toBe("7");
    expect(input("20:gen").readOnly).toBe(true);
    expect(notices(get("10:hours"), words, String)[0]?.acts[0]?.name).toBe("round");
  });
});

describe("the keyboard", () => {
  it("moves, types over, goes back to where a row was begun", () => {
    input("10:gen").focus();
    type("6");
    press("Tab");
    input("10:hours").focus();
    type("24");
    press("Enter");
    expect(document.activeElement).toBe(input("11:gen"));
    expect([text("10:gen"), text("10:hours")]).toEqual(["6", "24"]);
  });

  it("takes back what is being typed, and leaves arrows to the text after F2", () => {
    input("10:gen").focus();
    type("99");
    press("Escape");
    expect([input("10:gen").value, text("10:gen")]).toEqual(["5", "5"]);
    press("F2");
    expect(press("ArrowRight")).toBe(false);
    press("Escape");
    expect(press("ArrowRight")).toBe(true);
    expect(document.activeElement).toBe(input("10:hours"));
  });

  it("is left alone while a character is being composed", () => {
    input("10:gen").focus();
    expect(press("Enter", { isComposing: true })).toBe(false);
    expect(document.activeElement).toBe(input("10:gen"));
  });

  it("does not trap: Tab is the browser's", () => {
    input("10:gen").focus();
    expect(press("Tab")).toBe(false);
  });

  it("fills, empties and undoes", () => {
    input("10:gen").focus();
    press("ArrowDown", { shiftKey: true });
    press("d", { ctrlKey: true });
    expect(text("11:gen")).toBe("5");
    press("z", { metaKey: true });
    expect(text("11:gen")).toBe("");
    press("z", { ctrlKey: true });
    expect(said.at(-1)).toBe("nothing");
    press("y", { ctrlKey: true });
    expect(text("11:gen")).toBe("5");
  });

  it("takes over proposed values as what they are", () => {
    input("11:gen").focus();
    press("F9");
    expect(current(get("11:gen"))).toMatchObject({ text: "7", mark: 3 });
    expect(said.at(-1)).toBe("one taken");
  });
});

describe("blocks", () => {
  it("are copied as text for spreadsheets, and pasted; what cannot be changed stays and is said", () => {
    input("10:gen").focus();
    press("ArrowRight", { shiftKey: true });
    press("ArrowDown", { shiftKey: true });
    expect(desk.copied()).toBe("5\tx\r\n\t");
    desk.go(desk.spots.get("11:gen") as NonNullable<ReturnType<typeof desk.spots.get>>);
    desk.pasted("1\t2\n3\t4\n5\t6", false);
    expect([text("11:gen"), text("11:hours"), text("20:gen")]).toEqual(["1", "2", ""]);
    expect(said.at(-1)).toBe("2×2 1 rows cut 2 locked");
    press("z", { ctrlKey: true });
    expect([text("11:gen"), text("11:hours")]).toEqual(["", ""]);
  });

  it("mark a standing unit where that makes a difference, and take the mark away again", () => {
    desk.idle([get("10:gen"), get("10:hours")]);
    expect(current(get("10:gen"))).toMatchObject({ text: "停运", mark: 1 });
    expect(text("10:hours")).toBe("x");
    desk.idle([get("10:gen"), get("10:hours")]);
    expect(text("10:gen")).toBe("");
  });
});
