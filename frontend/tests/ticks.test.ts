import { beforeEach, describe, expect, it } from "vitest";
import { watchTicks } from "../src/ticks.ts";

const PAGE = `
<form data-ticks>
  <div data-tick-group>
    <input type="checkbox" data-tick-all id="all-a">
    <input type="checkbox" name="case" value="1" id="a1">
    <input type="checkbox" name="case" value="2" id="a2">
  </div>
  <div data-tick-group>
    <input type="checkbox" data-tick-all id="all-b">
    <input type="checkbox" name="case" value="3" id="b1" checked>
  </div>
  <button type="submit">Approve <span data-tick-count></span></button>
</form>`;

const box = (id: string) => document.getElementById(id) as HTMLInputElement;
const button = () => document.querySelector("button") as HTMLButtonElement;

function tick(id: string, checked = true): void {
  box(id).checked = checked;
  box(id).dispatchEvent(new Event("change", { bubbles: true }));
}

describe("boxes in groups", () => {
  beforeEach(() => {
    document.body.innerHTML = PAGE;
    watchTicks(document);
  });

  it("says at once how many are ticked", () => {
    expect(button().textContent).toBe("Approve 1");
    expect(box("all-b").checked).toBe(true);
    expect(box("all-a").checked).toBe(false);
  });

  it("ticks one group and leaves the other alone", () => {
    tick("all-a");
    expect(box("a1").checked && box("a2").checked).toBe(true);
    expect(button().textContent).toBe("Approve 3");
    tick("all-b", false);
    expect(box("b1").checked).toBe(false);
    expect(button().textContent).toBe("Approve 2");
  });

  it("shows that a group is ticked in part", () => {
    tick("a1");
    expect(box("all-a").indeterminate).toBe(true);
    tick("a2");
    expect(box("all-a").checked).toBe(true);
    expect(box("all-a").indeterminate).toBe(false);
  });

  it("offers nothing where nothing is ticked", () => {
    tick("b1", false);
    expect(button().disabled).toBe(true);
    tick("a1");
    expect(button().disabled).toBe(false);
  });
});
