import { beforeAll, beforeEach, expect, test, vi } from "vitest";

const { ajax } = vi.hoisted(() => ({ ajax: vi.fn() }));
vi.mock("htmx.org", () => ({ default: { ajax } }));

import { watchLinks } from "../src/links.ts";

beforeAll(() => watchLinks(document));
beforeEach(() => {
  ajax.mockClear();
  document.body.innerHTML = `
    <div id="part"></div><a id="swap" href="/x?y=1" data-swap="#part">s</a>
    <div id="window"><div id="window-body">old</div></div><a id="show" href="/z" data-window="#window">w</a>
    <a id="lost" href="#lost" data-window="#nowhere">l</a>`;
});

function click(id: string, options: MouseEventInit = {}): boolean {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...options });
  document.getElementById(id)?.dispatchEvent(event);
  return event.defaultPrevented;
}

test("a part is fetched and the address moves", () => {
  expect(click("swap")).toBe(true);
  expect(ajax.mock.calls[0]?.[2]).toMatchObject({
    target: "#part",
    select: "#part",
    push: expect.stringContaining("/x?y=1"),
  });
});

test("a window opens empty and is filled", () => {
  const opened = vi.fn();
  const window = document.getElementById("window") as HTMLElement;
  window.showPopover = opened;
  vi.spyOn(window, "matches").mockReturnValue(false);
  expect(click("show")).toBe(true);
  expect(opened).toHaveBeenCalledOnce();
  expect(document.getElementById("window-body")?.textContent).toBe("");
  expect(ajax.mock.calls[0]?.[2]).toMatchObject({ target: "#window-body" });
});

test("a link inside the window fills it anew, though it is gone by then", () => {
  const window = document.getElementById("window") as HTMLElement;
  window.showPopover = vi.fn();
  document.getElementById("window-body")?.replaceChildren(document.getElementById("show") as HTMLElement);
  expect(click("show")).toBe(true);
  expect(ajax.mock.calls[0]?.[2]).toMatchObject({ target: "#window-body", source: window });
});

test("with a key held, or without the window, it stays a link", () => {
  expect(click("swap", { ctrlKey: true })).toBe(false);
  expect(click("lost")).toBe(false);
  expect(ajax).not.toHaveBeenCalled();
});
