/** What the server wrote into the page, as cells: the table's inputs and the JSON beside them. */

import type { Place, Size } from "./blocks.ts";
import { Book, type Cell, type Finding, type Proposed, type Stored, UNTOUCHED } from "./book.ts";

/** One input of the tables and where it stands. */
export interface Spot {
  key: string;
  block: Block;
  place: Place;
  box: HTMLElement;
  input: HTMLInputElement;
}

/** One table of cells. */
export interface Block {
  element: HTMLElement;
  spots: Spot[][];
  size: Size;
}

/** The short forms in which the server writes; see `views/grid.py`. */
export type WireCell = [
  key: string,
  text: string,
  mark: number,
  version: number,
  by: string,
  at: string,
  mine: 0 | 1,
  fault?: string,
  rounding?: string,
];
export type WireFinding = [rule: string, strong: 0 | 1, explained: 0 | 1, text: string, keys: string[]];

interface Given {
  sheets: Array<{ id: number; version: number; editable: boolean; organisations: number[]; absent: number[] }>;
  items: Record<string, { required: boolean; idle: string }>;
  cells: WireCell[];
  proposed: Array<[key: string, text: string, mark: number, source: string]>;
  findings: WireFinding[];
  remarks: Record<string, number>;
}

export function readStored([, text, mark, version, by, at, mine, fault = "", rounding = ""]: WireCell): Stored {
  return { text, mark, version, by, at, fault, rounding, mine: mine === 1 };
}

export function readFinding([rule, strong, explained, text]: WireFinding): Finding {
  return { rule, strength: strong ? "error" : "warning", explained: explained === 1, text };
}

export interface Page {
  book: Book;
  blocks: Block[];
  spots: Map<string, Spot>;
}

export function readPage(form: HTMLFormElement): Page {
  const given: Given = JSON.parse(form.querySelector<HTMLTextAreaElement>("textarea[name=known]")?.value ?? "null");
  const blocks: Block[] = [];
  const spots = new Map<string, Spot>();
  for (const element of form.querySelectorAll<HTMLElement>("[data-block]")) {
    const block: Block = { element, spots: [], size: { rows: 0, columns: 0 } };
    for (const line of element.querySelectorAll("tbody tr")) {
      const row: Spot[] = [];
      for (const input of line.querySelectorAll<HTMLInputElement>("td > input")) {
        const place = { row: block.spots.length, column: row.length };
        const spot = { key: input.name, block, place, input, box: input.parentElement as HTMLElement };
        row.push(spot);
        spots.set(spot.key, spot);
      }
      if (row.length > 0) block.spots.push(row);
    }
    block.size = { rows: block.spots.length, columns: block.spots[0]?.length ?? 0 };
    if (block.size.rows > 0) blocks.push(block);
  }

  const stored = new Map(given.cells.map((wire) => [wire[0], readStored(wire)]));
  const proposed = new Map<string, Proposed>(
    given.proposed.map(([key, text, mark, source]) => [key, { text, mark, source }]),
  );
  const findings = new Map<string, Finding[]>();
  for (const wire of given.findings) {
    for (const key of wire[4]) findings.set(key, [...(findings.get(key) ?? []), readFinding(wire)]);
  }
  const home = new Map(given.sheets.flatMap((sheet) => sheet.organisations.map((one) => [one, sheet] as const)));
  const cells: Cell[] = [];
  for (const key of spots.keys()) {
    const [before = "", code = ""] = key.split(":");
    const organisation = Number(before);
    const sheet = home.get(organisation);
    const item = given.items[code];
    if (!sheet || !item) continue;
    cells.push({
      key,
      sheet: sheet.id,
      organisation,
      code,
      idle: item.idle,
      required: item.required && !sheet.absent.includes(organisation),
      readonly: !sheet.editable,
      proposed: proposed.get(key) ?? null,
      server: stored.get(key) ?? UNTOUCHED,
      edit: null,
      sent: null,
      theirs: null,
      findings: findings.get(key) ?? [],
      remarks: given.remarks[key] ?? 0,
      news: false,
    });
  }
  const sheets = given.sheets.map(({ id, version, editable }) => ({ id, version, editable, sentKey: "" }));
  return { book: new Book(sheets, cells), blocks, spots };
}
