/** Arranging one's home page: tiles are dragged, sized, hidden and brought back; saving sends where they stand. */
import { GridStack } from "gridstack";
import "gridstack/dist/gridstack.css";
import { layoutOf } from "./layout.ts";

const ROW = 88; // a row and the gap below it, as in _boards.scss
const HALF_GAP = 8;

export function arrange(form: HTMLElement): void {
  const place = form.querySelector<HTMLElement>("[data-grid]");
  const shelf = form.querySelector<HTMLElement>("[data-shelf]");
  const field = form.querySelector<HTMLInputElement>("input[name=layout]");
  if (!place || !shelf || !field) return;
  const hidden = new Map<string, { w: number; h: number }>();
  const kept = new Map<string, HTMLElement>();
  const waiting = [...place.querySelectorAll<HTMLElement>("[data-hidden]")];
  for (const tile of waiting) tile.remove();
  const grid = GridStack.init(
    { column: 12, cellHeight: ROW, margin: HALF_GAP, handle: ".tile-head", animate: true },
    place,
  );
  if (!grid) return;

  const putAway = (tile: HTMLElement, size: { w: number; h: number }) => {
    const id = tile.getAttribute("gs-id") ?? "";
    hidden.set(id, size);
    kept.set(id, tile);
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "btn btn-sm";
    chip.dataset.bring = id;
    chip.textContent = `+ ${tile.dataset.title ?? id}`;
    shelf.append(chip);
  };
  for (const tile of waiting) putAway(tile, sizeOf(tile));

  form.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const tile = target.closest("[data-hide]")?.closest<HTMLElement>(".grid-stack-item");
    if (tile) {
      const size = sizeOf(tile);
      grid.removeWidget(tile, true);
      putAway(tile, size);
    }
    const chip = target.closest<HTMLElement>("[data-bring]");
    const id = chip?.dataset.bring ?? "";
    const back = kept.get(id);
    if (chip && back) {
      const size = hidden.get(id) ?? { w: 4, h: 4 };
      place.append(back);
      grid.makeWidget(back, { id, ...size, autoPosition: true });
      hidden.delete(id);
      kept.delete(id);
      chip.remove();
    }
    // Charts and links are only to be looked at here.
    if (target.closest(".tile-body, .tile-title a")) event.preventDefault();
  });
  form.addEventListener("submit", () => {
    field.value = JSON.stringify(layoutOf(grid.engine.nodes, hidden));
  });
  form.setAttribute("data-ready", "");
}

function sizeOf(tile: HTMLElement): { w: number; h: number } {
  const node = (tile as HTMLElement & { gridstackNode?: { w?: number; h?: number } }).gridstackNode;
  return {
    w: node?.w ?? Number(tile.getAttribute("gs-w") ?? 4),
    h: node?.h ?? Number(tile.getAttribute("gs-h") ?? 4),
  };
}
