/**
 * Islands: places on a page that act by themselves. An element says what it is with `data-island="name"` or an
 * attribute of its own; heavy ones are fetched only where one stands.
 */
import { dateSlider } from "./date-slider.ts";
import { copy, submits } from "./handing.ts";

type Island = (element: HTMLElement) => void;

const islands: Array<[selector: string, load: () => Promise<Island>]> = [
  ["form[data-date-slider]", async () => dateSlider],
  ["[data-copy]", async () => copy],
  ["[data-submits]", async () => submits],
  ["form[data-cells]", async () => (await import("./grid/index.ts")).grid],
  ["form[data-board-arrange]", async () => (await import("./boards/arrange.ts")).arrange],
  ["form[data-signing-agent]", async () => (await import("./signing.ts")).signing],
  ["form[data-passkey]", async () => (await import("./passkeys.ts")).passkey],
  ["[data-formula]", async () => (await import("./formulas/editor.ts")).formulaEditor],
  ["form[data-pivot]", async () => (await import("./pivot.ts")).pivot],
  ["[data-chart]", async () => (await import("./charts/index.ts")).chart],
];

/** Adds a kind of island; for entries of their own (charts, grids). */
export function registerIsland(selector: string, load: () => Promise<Island>): void {
  islands.push([selector, load]);
  bringIslandsToLife(document);
}

const alive = new WeakSet<Element>();

/** Starts every island below `root` that has not been started yet. */
export function bringIslandsToLife(root: ParentNode): void {
  for (const [selector, load] of islands) {
    for (const element of root.querySelectorAll<HTMLElement>(selector)) {
      if (alive.has(element)) continue;
      alive.add(element);
      load().then((start) => start(element));
    }
  }
}
