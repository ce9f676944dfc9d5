import { afterEach, describe, expect, it } from "vitest";
import { arrange } from "../src/boards/arrange.ts";
import { layoutOf, type Spot } from "../src/boards/layout.ts";

function tile(id: string, x: number, y: number, extra = ""): string {
  return `<div class="grid-stack-item" gs-id="${id}" gs-x="${x}" gs-y="${y}" gs-w="4" gs-h="2" data-title="T ${id}"${extra}>
    <div class="grid-stack-item-content"><button type="button" data-hide></button><header class="tile-head"></header></div></div>`;
}

function editor(): HTMLFormElement {
  document.body.innerHTML = `<form data-board-arrange><input type="hidden" name="layout"><div data-shelf></div>
    <div class="grid-stack" data-grid>${tile("a", 0, 0)}${tile("b", 4, 0)}${tile("c", 0, 2, " data-hidden")}</div></form>`;
  const form = document.querySelector("form") as HTMLFormElement;
  arrange(form);
  return form;
}

function sent(form: HTMLFormElement): Spot[] {
  form.dispatchEvent(new Event("submit"));
  return JSON.parse((form.querySelector("input[name=layout]") as HTMLInputElement).value);
}

const press = (form: HTMLElement, selector: string) => form.querySelector<HTMLElement>(selector)?.click();

afterEach(() => {
  document.body.innerHTML = "";
});

describe("the layout that is sent", () => {
  it("lists shown tiles in reading order and hidden ones after them", () => {
    const nodes = [
      { id: "late", x: 0, y: 4, w: 4, h: 2 },
      { id: "right", x: 6, y: 0, w: 6, h: 2 },
      { id: "left", x: 0, y: 0, w: 6, h: 2 },
      { x: 3, y: 3 },
    ];
    const layout = layoutOf(nodes, new Map([["off", { w: 3, h: 5 }]]));
    expect(layout.map((spot) => spot.id)).toEqual(["left", "right", "late", "off"]);
    expect(layout.at(-1)).toEqual({ id: "off", x: 0, y: 0, w: 3, h: 5, shown: false });
  });
});

describe("arranging", () => {
  it("keeps hidden tiles on the shelf and sends everything as it stands", () => {
    const form = editor();
    expect(form.hasAttribute("data-ready")).toBe(true);
    expect([...form.querySelectorAll<HTMLElement>("[data-bring]")].map((chip) => chip.dataset.bring)).toEqual(["c"]);
    expect(sent(form).map(({ id, x, y, shown }) => [id, x, y, shown])).toEqual([
      ["a", 0, 0, true],
      ["b", 4, 0, true],
      ["c", 0, 0, false],
    ]);
  });

  it("hides a tile, brings one back, and forgets no size", () => {
    const form = editor();
    press(form, "[gs-id=a] [data-hide]");
    press(form, "[data-bring=c]");
    const layout = sent(form);
    expect(layout.find((spot) => spot.id === "a")).toMatchObject({ shown: false, w: 4, h: 2 });
    expect(layout.find((spot) => spot.id === "c")).toMatchObject({ shown: true, w: 4, h: 2 });
    expect([...form.querySelectorAll<HTMLElement>("[data-bring]")].map((chip) => chip.dataset.bring)).toEqual(["a"]);
  });
});
