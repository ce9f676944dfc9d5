/** Places in a table of cells and what one does with them, without any page: moving, marking, pasting, filling. */

export interface Place {
  row: number;
  column: number;
}

/** From where a selection began to where it has been drawn; the active cell is its anchor. */
export interface Selection {
  anchor: Place;
  head: Place;
}

export interface Area {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface Size {
  rows: number;
  columns: number;
}

export function area({ anchor, head }: Selection): Area {
  return {
    top: Math.min(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    bottom: Math.max(anchor.row, head.row),
    right: Math.max(anchor.column, head.column),
  };
}

export function at(row: number, column: number): Selection {
  return { anchor: { row, column }, head: { row, column } };
}

export function sizeOf({ top, left, bottom, right }: Area): Size {
  return { rows: bottom - top + 1, columns: right - left + 1 };
}

export function* places({ top, left, bottom, right }: Area): Generator<Place> {
  for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) yield { row, column };
}

export type Direction = "up" | "down" | "left" | "right";

const STEP: Record<Direction, readonly [number, number]> = { up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] };

/** The next place, or null beyond the edge; `far` goes to the edge itself. */
export function step(from: Place, direction: Direction, size: Size, far = false): Place | null {
  const [down, right] = STEP[direction];
  if (far) {
    return {
      row: down === 0 ? from.row : down < 0 ? 0 : size.rows - 1,
      column: right === 0 ? from.column : right < 0 ? 0 : size.columns - 1,
    };
  }
  const row = from.row + down;
  const column = from.column + right;
  return row < 0 || column < 0 || row >= size.rows || column >= size.columns ? null : { row, column };
}

export interface Put extends Place {
  text: string;
}

export interface Pasted {
  puts: Put[];
  area: Area;
  rowsCut: number;
  columnsCut: number;
}

/**
 * What a block becomes when it is pasted over a selection: one value fills the selection, a block is repeated where
 * the selection is a multiple of it, and otherwise begins at the selection's corner. What lies beyond the table is
 * cut off and counted.
 */
export function paste(block: readonly (readonly string[])[], over: Area, size: Size): Pasted {
  const rows = block.length;
  const columns = Math.max(...block.map((row) => row.length));
  const wanted = sizeOf(over);
  const down = wanted.rows % rows === 0 ? wanted.rows : rows;
  const right = wanted.columns % columns === 0 ? wanted.columns : columns;
  const rowsCut = Math.max(0, over.top + down - size.rows);
  const columnsCut = Math.max(0, over.left + right - size.columns);
  const filled = {
    top: over.top,
    left: over.left,
    bottom: over.top + down - rowsCut - 1,
    right: over.left + right - columnsCut - 1,
  };
  const puts: Put[] = [];
  for (const { row, column } of places(filled)) {
    const text = block[(row - over.top) % rows]?.[(column - over.left) % columns];
    if (text !== undefined) puts.push({ row, column, text });
  }
  return { puts, area: filled, rowsCut, columnsCut };
}

/** Rows become columns: what was copied across is pasted down. */
export function turned(block: readonly (readonly string[])[]): string[][] {
  const columns = Math.max(...block.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => block.map((row) => row[column] ?? ""));
}

/** From which place each place of the selection takes its text; a single row fills from the row above it. */
export function fill(over: Area, direction: "down" | "right"): Array<{ to: Place; from: Place }> {
  const down = direction === "down";
  const single = down ? over.top === over.bottom : over.left === over.right;
  const source = (down ? over.top : over.left) - (single ? 1 : 0);
  if (source < 0) return [];
  const filled: Array<{ to: Place; from: Place }> = [];
  for (const to of places(over)) {
    const from = down ? { row: source, column: to.column } : { row: to.row, column: source };
    if (from.row !== to.row || from.column !== to.column) filled.push({ to, from });
  }
  return filled;
}
