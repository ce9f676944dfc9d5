/** Keyboard, mouse and clipboard, brought to the desk. */
import { area, type Direction } from "./blocks.ts";
import type { Desk } from "./desk.ts";
import type { Spot } from "./page.ts";

const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export interface Commands {
  remark(): void;
  card(): void;
  save(): void;
}

export function watchHands(root: HTMLElement, desk: Desk, commands: Commands): void {
  const spotOf = (target: EventTarget | null): Spot | null => {
    const input = (target as Element | null)?.closest?.("td > input");
    return (input && desk.spots.get((input as HTMLInputElement).name)) ?? null;
  };
  let tabbedFrom: number | null = null; // where Enter leads back to after a row was filled with Tab

  root.addEventListener("focusin", (event) => {
    const spot = spotOf(event.target);
    if (!spot || spot === desk.active) return;
    desk.activate(spot);
    spot.input.select();
  });
  root.addEventListener("focusout", (event) => {
    if (spotOf(event.target) && !spotOf(event.relatedTarget)) desk.commit();
  });
  root.addEventListener("input", (event) => {
    if (spotOf(event.target)) desk.typed();
  });

  function extend(direction: Direction, far: boolean): void {
    const { active, selection } = desk;
    if (!active || !selection) return;
    const head = { ...selection.head };
    const { rows, columns } = active.block.size;
    if (direction === "up") head.row = far ? 0 : Math.max(0, head.row - 1);
    if (direction === "down") head.row = far ? rows - 1 : Math.min(rows - 1, head.row + 1);
    if (direction === "left") head.column = far ? 0 : Math.max(0, head.column - 1);
    if (direction === "right") head.column = far ? columns - 1 : Math.min(columns - 1, head.column + 1);
    desk.extend(head);
  }

  function arrow(event: KeyboardEvent, direction: Direction): boolean {
    if (event.altKey && direction === "down" && desk.active?.input.list) {
      desk.active.input.showPicker();
      return true;
    }
    if (desk.mode === "inside" || event.altKey) return false;
    const far = event.ctrlKey || event.metaKey;
    if (desk.mode === "typing") desk.commit();
    if (event.shiftKey) extend(direction, far);
    else desk.move(direction, far);
    tabbedFrom = null;
    return true;
  }

  function enter(event: KeyboardEvent, spot: Spot): boolean {
    desk.commit();
    if (event.ctrlKey || event.metaKey) {
      commands.save();
      return true;
    }
    const column = tabbedFrom ?? spot.place.column;
    tabbedFrom = null;
    const down = event.shiftKey ? -1 : 1;
    if (spot.block.spots[spot.place.row + down]) desk.goTo(spot.block, { row: spot.place.row + down, column });
    else desk.move(event.shiftKey ? "up" : "down");
    return true;
  }

  function withControl(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (key === "s") {
      desk.commit();
      commands.save();
      return true;
    }
    if (desk.mode !== "ready") return false;
    if (key === "z") event.shiftKey ? desk.redo() : desk.undo();
    else if (key === "y") desk.redo();
    else if (key === "d") desk.fill("down");
    else if (key === "r" && !event.shiftKey) desk.fill("right");
    else if (key === "a") desk.selectAll();
    else if (key === "home" && desk.active) desk.goTo(desk.active.block, { row: 0, column: 0 });
    else if (key === "end" && desk.active) {
      const { rows, columns } = desk.active.block.size;
      desk.goTo(desk.active.block, { row: rows - 1, column: columns - 1 });
    } else return false;
    return true;
  }

  function plain(event: KeyboardEvent, spot: Spot): boolean {
    const { block, place } = spot;
    const ready = desk.mode === "ready";
    switch (event.key) {
      case "F2":
        if (event.shiftKey) commands.remark();
        else desk.enter();
        return true;
      case "F6":
        commands.card();
        return true;
      case "F9":
        desk.commit();
        desk.accept(desk.selected(), false);
        return true;
      case "Escape":
        if (desk.cancel()) return true;
        desk.go(spot);
        return false;
      case "Delete":
        if (ready) desk.clear();
        return ready;
      case "Backspace":
        if (!ready || !desk.selection) return false;
        if (area(desk.selection).top === area(desk.selection).bottom) return false; // one cell: the browser empties it
        desk.clear();
        return true;
      case "Home":
      case "End":
        if (!ready || event.shiftKey) return false;
        desk.goTo(block, { row: place.row, column: event.key === "Home" ? 0 : block.size.columns - 1 });
        return true;
      case "Tab":
        tabbedFrom ??= place.column;
        return false; // the browser goes on to the next input, and out at the end
      default:
        return false;
    }
  }

  let turning = false; // Ctrl+Shift+V: the paste that follows is turned round
  root.addEventListener("keydown", (event) => {
    turning = event.shiftKey && event.key.toLowerCase() === "v";
    const spot = spotOf(event.target);
    if (!spot || event.isComposing) return;
    const direction = ARROWS[event.key];
    const handled = direction
      ? arrow(event, direction)
      : event.key === "Enter"
        ? enter(event, spot)
        : (event.ctrlKey || event.metaKey) && !event.altKey
          ? withControl(event)
          : plain(event, spot);
    if (handled) event.preventDefault();
  });

  // The clipboard. Inside a text it is the browser's, unless a block comes.
  root.addEventListener("copy", (event) => {
    if (!spotOf(event.target) || desk.mode !== "ready") return;
    event.clipboardData?.setData("text/plain", desk.copied());
    event.preventDefault();
  });
  root.addEventListener("cut", (event) => {
    if (!spotOf(event.target) || desk.mode !== "ready") return;
    event.clipboardData?.setData("text/plain", desk.copied());
    desk.clear();
    event.preventDefault();
  });
  root.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!spotOf(event.target) || (desk.mode !== "ready" && !/[\t\n]./.test(text))) return;
    desk.cancel();
    desk.pasted(text, turning);
    event.preventDefault();
  });

  // The mouse. A finger is left to the browser: it scrolls, and a tap goes into the text.
  let drawing = false;
  root.addEventListener("pointerdown", (event) => {
    const spot = spotOf(event.target) ?? spotOf((event.target as Element).querySelector?.(":scope > input") ?? null);
    if (!spot || event.pointerType !== "mouse" || event.button !== 0) return;
    if (spot === desk.active && desk.mode !== "ready") return;
    event.preventDefault();
    desk.commit();
    tabbedFrom = null;
    if (event.shiftKey && desk.active?.block === spot.block) return desk.extend(spot.place);
    desk.go(spot);
    drawing = true;
  });
  root.addEventListener("mousedown", (event) => {
    const spot = spotOf(event.target);
    if (spot && desk.mode === "ready") event.preventDefault(); // keeps the whole text marked
  });
  root.addEventListener("pointerover", (event) => {
    if (!drawing || !(event.buttons & 1)) return;
    const box = (event.target as Element).closest("td");
    const spot = spotOf(box?.querySelector(":scope > input") ?? null);
    if (spot && spot.block === desk.active?.block) desk.extend(spot.place);
  });
  root.ownerDocument.addEventListener("pointerup", () => {
    drawing = false;
  });
  root.addEventListener("dblclick", (event) => {
    if (spotOf(event.target) === desk.active && desk.mode === "ready") desk.enter();
  });
  root.addEventListener("click", (event) => {
    const head = (event.target as Element).closest<HTMLElement>("[data-block] th");
    if (!head || (event.target as Element).closest("button, a")) return;
    selectLine(head, desk);
  });
}

/** A click on the name of a row or a column selects it. */
function selectLine(head: HTMLElement, desk: Desk): void {
  const block = desk.blocks.find(({ element }) => element.contains(head));
  if (!block) return;
  const { rows, columns } = block.size;
  const line = head.closest("tr");
  const row = block.spots.findIndex((spots) => line?.contains(spots[0]?.box ?? null));
  if (row >= 0) {
    desk.goTo(block, { row, column: 0 });
    desk.select(block, { anchor: { row, column: 0 }, head: { row, column: columns - 1 } });
    return;
  }
  const column = Number(head.dataset.column ?? "-1");
  if (column < 0 || column >= columns) return;
  desk.goTo(block, { row: 0, column });
  desk.select(block, { anchor: { row: 0, column }, head: { row: rows - 1, column } });
}
