import htmx from "htmx.org";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { watchMenus, watchTheme } from "../src/frame.ts";
import { bringIslandsToLife, registerIsland } from "../src/islands.ts";
import { watchLists } from "../src/lists.ts";
import { showToast, watchDismissals } from "../src/toasts.ts";

vi.mock("htmx.org", () => ({ default: { ajax: vi.fn() } }));

beforeAll(() => {
  watchTheme(document);
  watchMenus(document);
  watchDismissals(document);
  watchLists(document);
});

describe("the appearance", () => {
  it("changes at once, is remembered in the cookie and marked in the menu", () => {
    document.body.innerHTML = `
      <details class="menu-box" open><form data-theme-form="gangmu_theme"><button value="light" aria-current="true"></button>
      <button value="dark"></button></form></details>`;
    const dark = document.querySelector<HTMLButtonElement>('button[value="dark"]');
    const event = new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: dark });
    document.querySelector("form")?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(document.documentElement.dataset.bsTheme).toBe("dark");
    expect(document.cookie).toContain("gangmu_theme=dark");
    expect(document.querySelectorAll("[aria-current]")).toHaveLength(1);
    expect(dark?.hasAttribute("aria-current")).toBe(true);
    expect(document.querySelector("details")?.open).toBe(false);
  });
});

describe("menus", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <details class="menu-box" id="a" open><summary>A</summary><p>in</p></details>
      <details class="menu-box" id="b" open><summary>B</summary></details><p id="out">out</p>`;
  });
  const open = () => [...document.querySelectorAll("details[open]")].map((menu) => menu.id);

  it("close when one clicks elsewhere", () => {
    document.querySelector<HTMLElement>("#out")?.click();
    expect(open()).toEqual([]);
  });

  it("stay open when one clicks inside, the others close", () => {
    document.querySelector<HTMLElement>("#a p")?.click();
    expect(open()).toEqual(["a"]);
  });

  it("close on Escape", () => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(open()).toEqual([]);
  });
});

describe("messages in the corner", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <div id="toasts"></div>
      <template id="toast-no-answer"><div class="toast"><b>No answer</b><button data-dismiss=".toast"></button></div></template>`;
  });

  it("show the server's words once, however often the line fails", () => {
    showToast("no-answer");
    showToast("no-answer");
    expect(document.querySelectorAll("#toasts .toast")).toHaveLength(1);
    expect(document.querySelector("#toasts")?.textContent).toContain("No answer");
  });

  it("go away when dismissed, and by themselves", () => {
    vi.useFakeTimers();
    showToast("no-answer");
    document.querySelector<HTMLElement>("#toasts button")?.click();
    expect(document.querySelector("#toasts .toast")).toBeNull();
    showToast("no-answer");
    vi.runAllTimers();
    expect(document.querySelector("#toasts .toast")).toBeNull();
    vi.useRealTimers();
  });

  it("stay silent when the page has no such words", () => {
    showToast("unknown");
    expect(document.querySelector("#toasts .toast")).toBeNull();
  });
});

describe("ticks of a list", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <form data-bulk><span data-bulk-count hidden></span><table><thead><tr><th><input type="checkbox" data-select-all></th></tr></thead>
      <tbody><tr><td><input type="checkbox" name="selected" value="1"></td></tr>
      <tr><td><input type="checkbox" name="selected" value="2"></td></tr></tbody></table></form>`;
  });
  const all = () => document.querySelector("[data-select-all]") as HTMLInputElement;
  const boxes = () => [...document.querySelectorAll<HTMLInputElement>("[name=selected]")];
  const tick = (box: HTMLInputElement, checked: boolean) => {
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const count = () => document.querySelector("[data-bulk-count]") as HTMLElement;

  it("of the head tick all rows and are counted", () => {
    tick(all(), true);
    expect(boxes().map((box) => box.checked)).toEqual([true, true]);
    expect([count().hidden, count().textContent]).toEqual([false, "2 / 2"]);
  });

  it("of single rows show at the head", () => {
    tick(boxes()[0] as HTMLInputElement, true);
    expect([all().checked, all().indeterminate]).toEqual([false, true]);
    tick(boxes()[1] as HTMLInputElement, true);
    expect([all().checked, all().indeterminate]).toEqual([true, false]);
    tick(all(), false);
    expect(count().hidden).toBe(true);
  });
});

describe("links of a list", () => {
  beforeEach(() => {
    vi.mocked(htmx.ajax).mockClear();
    document.body.innerHTML = `
      <div id="list-results"><a class="sort" href="?sort=code">Code</a><ul class="pagination"><li><a href="?page=2"><b>2</b></a></li></ul>
      <table><tr><td><a class="row" href="/x/">x</a></td></tr></table></div>`;
    for (const link of document.querySelectorAll(".row"))
      link.addEventListener("click", (event) => event.preventDefault());
  });
  const click = (selector: string, options: MouseEventInit = {}) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...options });
    document.querySelector(selector)?.dispatchEvent(event);
    return event;
  };

  it("that turn the page or the order fetch the results alone and change the address", () => {
    expect(click(".pagination b").defaultPrevented).toBe(true);
    const [method, path, options] = vi.mocked(htmx.ajax).mock.calls[0] ?? [];
    expect(method).toBe("GET");
    expect(path).toContain("?page=2");
    expect(options).toMatchObject({
      headers: { "HX-Target": "div#list-results" },
      target: "#list-results",
      swap: "outerHTML",
      push: path,
    });
    click(".sort");
    expect(htmx.ajax).toHaveBeenCalledTimes(2);
  });

  it("open in a new tab when one asks for it, and rows lead where they lead", () => {
    expect(click(".sort", { ctrlKey: true }).defaultPrevented).toBe(false);
    click(".row");
    expect(htmx.ajax).not.toHaveBeenCalled();
  });
});

describe("islands", () => {
  it("start once each, also those that come later", async () => {
    const started = vi.fn();
    document.body.innerHTML = "<i data-demo></i>";
    registerIsland("[data-demo]", async () => started);
    bringIslandsToLife(document);
    document.body.insertAdjacentHTML("beforeend", "<i data-demo></i>");
    bringIslandsToLife(document);
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(2));
  });
});
