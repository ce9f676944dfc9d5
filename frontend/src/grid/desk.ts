/**
 * Working in the tables: the active cell, the selection, typing, and everything that changes cells. Like a
 * spreadsheet: arrows move, typing replaces, F2 goes into the text, Escape takes it back.
 */
import {
  type Area,
  area,
  at,
  type Direction,
  fill,
  type Place,
  paste,
  places,
  type Selection,
  sizeOf,
  step,
  turned,
} from "./blocks.ts";
import { type Book, type Cell, current, NOTHING, same, type Value } from "./book.ts";
import { History } from "./history.ts";
import type { Block, Spot } from "./page.ts";
import { parseBlock, writeBlock } from "./tsv.ts";
import type { Words } from "./words.ts";

const OUT_OF_SERVICE = 1;

/** ready: arrows move and typing replaces; typing: arrows move; inside: arrows stay in the text. */
type Mode = "ready" | "typing" | "inside";

export interface Put {
  key: string;
  value: Value;
}

export interface Listener {
  changed(keys: Set<string>): void;
  selected(): void;
  say(text: string): void;
}

export class Desk {
  mode: Mode = "ready";
  active: Spot | null = null;
  selection: Selection | null = null;
  readonly history = new History();
  private marked = new Set<HTMLElement>();

  constructor(
    readonly book: Book,
    readonly blocks: Block[],
    readonly spots: Map<string, Spot>,
    private readonly words: Words,
    private readonly listener: Listener,
  ) {}

  get cell(): Cell | null {
    return this.active ? (this.book.cells.get(this.active.key) ?? null) : null;
  }

  /** The cell whose input holds what is being typed: nothing may write into it. */
  beingTyped(): string | null {
    return this.mode === "ready" ? null : (this.active?.key ?? null);
  }

  // The active cell and the selection

  /** Makes a cell the active one; its text is marked, so that typing replaces it. */
  go(spot: Spot): void {
    this.activate(spot);
    if (document.activeElement !== spot.input) spot.input.focus({ preventScroll: true });
    spot.input.select();
    spot.box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The focus has come to a cell, by whatever way. */
  activate(spot: Spot): void {
    if (this.active === spot && this.selection) {
      const { top, left, bottom, right } = area(this.selection);
      if (top === bottom && left === right) return;
    }
    if (this.active !== spot) this.commit();
    this.mode = "ready";
    this.active = spot;
    this.select(spot.block, at(spot.place.row, spot.place.column));
    const cell = this.book.cells.get(spot.key);
    if (cell?.news) {
      cell.news = false;
      this.listener.changed(new Set([spot.key]));
    }
  }

  select(block: Block, selection: Selection): void {
    this.selection = selection;
    const over = area(selection);
    const several = over.top !== over.bottom || over.left !== over.right;
    const marked = new Set<HTMLElement>();
    for (const { row, column } of places(over)) {
      const box = block.spots[row]?.[column]?.box;
      if (box) marked.add(box);
    }
    for (const box of this.marked) if (!marked.has(box)) box.classList.remove("is-selected");
    for (const box of marked) box.classList.toggle("is-selected", several);
    this.marked = marked;
    this.listener.selected();
  }

  /** Draws the selection to `place` of the active table; the active cell stays. */
  extend(place: Place): void {
    if (!this.active || !this.selection) return;
    this.select(this.active.block, { anchor: this.selection.anchor, head: place });
    this.active.block.spots[place.row]?.[place.column]?.box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  selectAll(): void {
    if (!this.active) return;
    const { rows, columns } = this.active.block.size;
    this.select(this.active.block, { anchor: { row: 0, column: 0 }, head: { row: rows - 1, column: columns - 1 } });
  }

  selected(): Cell[] {
    return this.spotsIn(this.over()).flatMap((spot) => this.book.cells.get(spot.key) ?? []);
  }

  move(direction: Direction, far = false): void {
    const spot = this.active;
    if (!spot) return;
    const { block } = spot;
    const next = step(spot.place, direction, block.size, far);
    if (next) {
      this.goTo(block, next);
      return;
    }
    const beside = this.blocks[this.blocks.indexOf(block) + (direction === "down" ? 1 : -1)];
    if (!beside || direction === "left" || direction === "right") {
      this.go(spot);
      return;
    }
    const row = direction === "down" ? 0 : beside.size.rows - 1;
    this.goTo(beside, { row, column: Math.min(spot.place.column, beside.size.columns - 1) });
  }

  goTo(block: Block, { row, column }: Place): void {
    const spot = block.spots[row]?.[column];
    if (spot) this.go(spot);
  }

  /** Goes to the next cell, in reading order and round the end, of which `wanted` holds. */
  seek(wanted: (cell: Cell) => boolean): boolean {
    const keys = [...this.spots.keys()];
    const from = this.active ? keys.indexOf(this.active.key) + 1 : 0;
    for (const key of [...keys.slice(from), ...keys.slice(0, from)]) {
      const cell = this.book.cells.get(key);
      const spot = this.spots.get(key);
      if (!cell || !spot || !wanted(cell)) continue;
      this.go(spot);
      return true;
    }
    return false;
  }

  // Typing

  typed(): void {
    if (this.mode === "ready") this.mode = "typing";
  }

  /** Into the text of the active cell, with the caret at its end. */
  enter(): void {
    const spot = this.active;
    if (!spot) return;
    this.mode = "inside";
    spot.input.setSelectionRange(spot.input.value.length, spot.input.value.length);
  }

  /** What was typed becomes the cell's. */
  commit(): void {
    const spot = this.active;
    if (!spot || this.mode === "ready") return;
    this.mode = "ready";
    const text = spot.input.value.trim();
    const cell = this.book.cells.get(spot.key);
    if (cell && current(cell).text !== text) this.put([{ key: spot.key, value: { text, mark: 0 } }]);
    else if (cell && spot.input.value !== text) spot.input.value = text;
  }

  /** What was typed is forgotten; false when nothing was. */
  cancel(): boolean {
    const cell = this.cell;
    if (!this.active || !cell || this.mode === "ready") return false;
    this.active.input.value = current(cell).text;
    this.mode = "ready";
    this.active.input.select();
    return true;
  }

  // Changing cells

  /** Puts values into cells as one step that can be undone. Returns how many cells could not be changed. */
  put(puts: Put[], remember = true): number {
    const changes = [];
    let locked = 0;
    for (const { key, value } of puts) {
      const cell = this.book.cells.get(key);
      if (!cell) continue;
      const { text, mark } = current(cell);
      if (cell.readonly && !same({ text, mark }, value)) locked++;
      if (this.book.type(key, value)) changes.push({ key, before: { text, mark }, after: value });
    }
    if (remember) this.history.add(changes);
    if (changes.length > 0) this.listener.changed(new Set(changes.map(({ key }) => key)));
    return locked;
  }

  undo(): void {
    this.replay(this.history.undo(), "nothing to undo");
  }

  redo(): void {
    this.replay(this.history.redo(), "nothing to redo");
  }

  private replay(puts: Put[], otherwise: string): void {
    if (puts.length === 0) {
      this.listener.say(this.words.say(otherwise));
      return;
    }
    const locked = this.put(puts, false);
    this.told({ locked });
    const first = this.spots.get(puts[0]?.key ?? "");
    if (first && puts.length === 1) this.go(first);
  }

  clear(): void {
    const puts = this.selected().map(({ key }) => ({ key, value: NOTHING }));
    this.told({ locked: this.put(puts) });
  }

  fill(direction: "down" | "right"): void {
    const block = this.active?.block;
    const over = this.over();
    if (!block || !over) return;
    const puts = fill(over, direction).flatMap(({ to, from }) => {
      const source = this.cellAt(block, from);
      const target = this.cellAt(block, to);
      return source && target ? [{ key: target.key, value: { text: current(source).text, mark: 0 } }] : [];
    });
    this.told({ locked: this.put(puts) });
  }

  /** Takes over what interfaces gave for cells that are empty, or for those named. */
  accept(cells: Iterable<Cell>, onlyEmpty: boolean): void {
    const puts: Put[] = [];
    for (const cell of cells) {
      if (!cell.proposed || cell.readonly || (onlyEmpty && current(cell).text !== "")) continue;
      puts.push({ key: cell.key, value: { text: cell.proposed.text, mark: cell.proposed.mark } });
    }
    this.put(puts);
    this.listener.say(this.words.say("accepted", { n: puts.length }));
  }

  /** Marks cells as out of service, or takes the mark away where all of them have it. */
  idle(cells: Cell[]): void {
    const word = this.words.say("idle");
    const able = cells.filter((cell) => cell.idle !== "");
    const standing = able.length > 0 && able.every((cell) => current(cell).text === word);
    const value = standing ? NOTHING : { text: word, mark: OUT_OF_SERVICE };
    if (able.length === 0) this.listener.say(this.words.say("never idle"));
    else this.told({ locked: this.put(able.map(({ key }) => ({ key, value }))) });
  }

  // The clipboard

  copied(): string {
    const over = this.over();
    const block = this.active?.block;
    if (!over || !block) return "";
    const rows: string[][] = [];
    for (const { row, column } of places(over)) {
      const cell = this.cellAt(block, { row, column });
      rows[row - over.top] ??= [];
      rows[row - over.top]?.push(cell ? current(cell).text : "");
    }
    return writeBlock(rows);
  }

  /** Pastes a block; `turn` turns it round, as happens by itself to a single row over a table of one column. */
  pasted(text: string, turn: boolean): void {
    const block = this.active?.block;
    const over = this.over();
    if (!block || !over || text === "") return;
    const given = parseBlock(text);
    const across = given.length === 1 && block.size.columns === 1;
    const down = block.size.rows === 1 && given.every((row) => row.length === 1);
    const rows = turn || across || down ? turned(given) : given;
    const { puts, area: filled, rowsCut, columnsCut } = paste(rows, over, block.size);
    const locked = this.put(
      puts.flatMap(({ row, column, text: one }) => {
        const key = block.spots[row]?.[column]?.key;
        return key ? [{ key, value: { text: one, mark: 0 } }] : [];
      }),
    );
    this.select(block, {
      anchor: { row: filled.top, column: filled.left },
      head: { row: filled.bottom, column: filled.right },
    });
    this.told({ pasted: sizeOf(filled), rowsCut, columnsCut, locked });
  }

  private told(done: {
    pasted?: { rows: number; columns: number };
    rowsCut?: number;
    columnsCut?: number;
    locked?: number;
  }): void {
    const { pasted, rowsCut = 0, columnsCut = 0, locked = 0 } = done;
    const parts: string[] = [];
    if (pasted && pasted.rows * pasted.columns > 1) parts.push(this.words.say("pasted", { ...pasted }));
    if (rowsCut) parts.push(this.words.say("rows cut", { n: rowsCut }));
    if (columnsCut) parts.push(this.words.say("columns cut", { n: columnsCut }));
    if (locked) parts.push(this.words.say("locked", { n: locked }));
    if (parts.length > 0) this.listener.say(parts.join(" "));
  }

  private over(): Area | null {
    return this.selection ? area(this.selection) : null;
  }

  private spotsIn(over: Area | null): Spot[] {
    const block = this.active?.block;
    if (!block || !over) return [];
    return [...places(over)].flatMap(({ row, column }) => block.spots[row]?.[column] ?? []);
  }

  private cellAt(block: Block, { row, column }: Place): Cell | undefined {
    return this.book.cells.get(block.spots[row]?.[column]?.key ?? "");
  }
}
