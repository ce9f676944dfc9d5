/**
 * The cells of a sheet as this person sees them: what the server has, what they typed since, what is on its way,
 * and what somebody else wrote meanwhile. Two different figures in one cell are never decided here.
 */
import { sameFigure } from "./figures.ts";

/** What stands in a cell. `mark` is the server's: 5 is a rounding that was accepted, 2 to 4 an accepted proposal. */
export interface Value {
  text: string;
  mark: number;
}

/** What the server has: `version` is that of the sheet when the cell was last changed. */
export interface Stored extends Value {
  version: number;
  by: string;
  at: string;
  fault: string;
  /** The rounding that the server would take, where the fault is too many decimals. */
  rounding: string;
  mine: boolean;
}

/** What was typed here, when, and is not known to be saved; `was` is what the person saw when they began. */
export interface Edit extends Value {
  base: number;
  was: Value;
  typed: number;
}

export interface Proposed extends Value {
  source: string;
}

export interface Finding {
  rule: string;
  strength: "error" | "warning";
  text: string;
  explained: boolean;
}

export interface Cell {
  readonly key: string;
  readonly sheet: number;
  readonly organisation: number;
  readonly code: string;
  readonly required: boolean;
  /** What the cell becomes when its organisation stands still; empty where that makes no difference. */
  readonly idle: string;
  readonly proposed: Proposed | null;
  readonly: boolean;
  server: Stored;
  edit: Edit | null;
  sent: Edit | null;
  theirs: Stored | null;
  findings: Finding[];
  remarks: number;
  /** A colleague changed it since the page was opened and it has not been visited yet. */
  news: boolean;
}

export interface Sheet {
  readonly id: number;
  version: number;
  editable: boolean;
  /** The idempotency key of what is on its way; a repetition carries the same. */
  sentKey: string;
}

/** One cell in an answer; conflicts come in the same shape. */
export interface StoredCell extends Stored {
  key: string;
}

export interface SheetAnswer {
  id: number;
  version: number;
  editable: boolean;
  /** Why nothing of what was sent for this sheet was taken; empty when it was. */
  refused: string;
  cells: StoredCell[];
  conflicts: StoredCell[];
  findings: Array<Finding & { keys: string[] }> | null;
}

/** What is kept on the device for one sheet. */
export interface Draft {
  edits: Array<[key: string, edit: Edit]>;
  sent: Array<[key: string, edit: Edit]>;
  sentKey: string;
}

export const NOTHING: Value = { text: "", mark: 0 };
export const UNTOUCHED: Stored = { ...NOTHING, version: 0, by: "", at: "", fault: "", rounding: "", mine: false };

export function same(one: Value, other: Value): boolean {
  return one.text === other.text && one.mark === other.mark;
}

export function current(cell: Cell): Value {
  return cell.edit ?? cell.sent ?? cell.server;
}

export interface Counts {
  filled: number;
  total: number;
  missing: number;
  faults: number;
  warnings: number;
  conflicts: number;
  unsaved: number;
}

export class Book {
  readonly cells = new Map<string, Cell>();
  readonly sheets = new Map<number, Sheet>();

  constructor(
    sheets: Iterable<Sheet>,
    cells: Iterable<Cell>,
    private readonly now: () => number = Date.now,
  ) {
    for (const sheet of sheets) this.sheets.set(sheet.id, sheet);
    for (const cell of cells) this.cells.set(cell.key, cell);
  }

  /** Types into a cell. Returns whether anything changed; a cell that may not be changed stays as it is. */
  type(key: string, value: Value): boolean {
    const cell = this.cells.get(key);
    if (!cell || cell.readonly || same(current(cell), value)) return false;
    const known = cell.sent ?? cell.server;
    if (cell.theirs && sameFigure(value.text, cell.theirs.text)) {
      cell.theirs = null;
      cell.edit = null;
    } else if (!cell.theirs && same(known, value)) cell.edit = null;
    else {
      cell.edit = {
        text: value.text,
        mark: value.mark,
        base: cell.edit?.base ?? cell.server.version,
        was: cell.edit?.was ?? { text: known.text, mark: known.mark },
        typed: this.now(),
      };
    }
    return true;
  }

  /** Decides a conflict. Mine goes to the server again, based on what they wrote; theirs is there already. */
  decide(key: string, whose: "mine" | "theirs"): void {
    const cell = this.cells.get(key);
    if (!cell?.theirs || !cell.edit) return;
    if (whose === "theirs") cell.edit = null;
    else cell.edit = { ...cell.edit, base: cell.theirs.version, was: cell.theirs };
    cell.theirs = null;
  }

  of(sheet: number): Cell[] {
    return [...this.cells.values()].filter((cell) => cell.sheet === sheet);
  }

  /** Puts what may be sent on its way under `key`; empty when something is on its way already or nothing is to send. */
  send(sheet: Sheet, key: string): Cell[] {
    const cells = this.of(sheet.id);
    if (sheet.sentKey) return cells.filter((cell) => cell.sent);
    const leaving = cells.filter((cell) => cell.edit && !cell.theirs && !cell.readonly);
    for (const cell of leaving) {
      cell.sent = cell.edit;
      cell.edit = null;
    }
    if (leaving.length > 0) sheet.sentKey = key;
    return leaving;
  }

  /** The server refused the whole of it: it is unsent again. */
  takeBack(sheet: Sheet): void {
    sheet.sentKey = "";
    for (const cell of this.of(sheet.id)) {
      cell.edit ??= cell.sent;
      cell.sent = null;
    }
  }

  /** Takes in what the server says about a sheet. Returns the keys of cells that look different now. */
  take(answer: SheetAnswer): Set<string> {
    const sheet = this.sheets.get(answer.id);
    const touched = new Set<string>();
    if (!sheet || answer.version < sheet.version) return touched;
    if (answer.refused) this.takeBack(sheet);
    const disputed = new Map(answer.conflicts.map((cell) => [cell.key, cell]));
    const accepted = new Set<string>();
    for (const cell of this.of(sheet.id)) {
      const { sent } = cell;
      if (cell.readonly === answer.editable) touched.add(cell.key);
      cell.readonly = !answer.editable;
      if (!sent) continue;
      touched.add(cell.key);
      cell.sent = null;
      const theirs = disputed.get(cell.key);
      if (theirs) {
        cell.edit ??= sent;
        this.meet(cell, theirs);
        continue;
      }
      accepted.add(cell.key);
      cell.server = { ...UNTOUCHED, text: sent.text, mark: sent.mark, version: answer.version, mine: true };
      if (cell.edit && same(cell.edit, cell.server)) cell.edit = null;
      else if (cell.edit) cell.edit = { ...cell.edit, base: answer.version, was: sent };
    }
    for (const stored of answer.cells) {
      const cell = this.cells.get(stored.key);
      if (!cell) continue;
      touched.add(stored.key);
      if (accepted.has(stored.key) && stored.mine) {
        cell.server = stored;
        if (cell.edit) cell.edit = { ...cell.edit, base: stored.version, was: stored };
      } else this.meet(cell, stored);
    }
    sheet.version = answer.version;
    sheet.editable = answer.editable;
    sheet.sentKey = "";
    if (answer.findings) for (const key of this.find(sheet.id, answer.findings)) touched.add(key);
    return touched;
  }

  /** Brings what is kept on the device back over what the server has. */
  restore(id: number, draft: Draft): void {
    const sheet = this.sheets.get(id);
    if (!sheet) return;
    for (const [key, edit] of draft.sent) {
      const cell = this.cells.get(key);
      if (cell) cell.sent = edit;
    }
    if (draft.sent.length > 0) sheet.sentKey = draft.sentKey;
    for (const [key, edit] of draft.edits) {
      const cell = this.cells.get(key);
      if (!cell) continue;
      cell.edit = edit;
      if (!cell.sent) this.meet(cell, cell.server);
    }
  }

  /** What the server is known to have in a sheet. */
  stored(id: number): StoredCell[] {
    return this.of(id).flatMap(({ key, server }) => (server.version > 0 || server.text ? [{ key, ...server }] : []));
  }

  /** What of a sheet must be kept on the device; null when the server has everything. */
  draft(id: number): Draft | null {
    const draft: Draft = { edits: [], sent: [], sentKey: this.sheets.get(id)?.sentKey ?? "" };
    for (const cell of this.of(id)) {
      if (cell.edit) draft.edits.push([cell.key, cell.edit]);
      if (cell.sent) draft.sent.push([cell.key, cell.sent]);
    }
    return draft.edits.length + draft.sent.length > 0 ? draft : null;
  }

  counts(): Counts {
    const counts = { filled: 0, total: 0, missing: 0, faults: 0, warnings: 0, conflicts: 0, unsaved: 0 };
    for (const cell of this.cells.values()) {
      const filled = current(cell).text !== "";
      counts.total++;
      if (filled) counts.filled++;
      else if (cell.required) counts.missing++;
      if (isFaulty(cell)) counts.faults++;
      else if (isWarned(cell)) counts.warnings++;
      if (cell.theirs) counts.conflicts++;
      if (cell.edit || cell.sent) counts.unsaved++;
    }
    return counts;
  }

  /** A value from the server meets what was typed here. */
  private meet(cell: Cell, stored: Stored): void {
    const { edit } = cell;
    if (!edit) {
      if (!stored.mine && !same(stored, cell.server)) cell.news = true;
    } else if (sameFigure(edit.text, stored.text)) {
      cell.edit = null;
      cell.theirs = null;
    } else if (stored.version > edit.base && !same(stored, edit.was)) cell.theirs = stored;
    else cell.edit = { ...edit, base: stored.version };
    cell.server = stored;
  }

  private find(sheet: number, findings: NonNullable<SheetAnswer["findings"]>): Set<string> {
    const touched = new Set<string>();
    for (const cell of this.of(sheet)) {
      if (cell.findings.length > 0) touched.add(cell.key);
      cell.findings = [];
    }
    for (const { keys, ...finding } of findings) {
      for (const key of keys) {
        this.cells.get(key)?.findings.push(finding);
        touched.add(key);
      }
    }
    return touched;
  }
}

/** A cell that was typed over is no longer known to be faulty: the next answer says. */
export function faultOf(cell: Cell): string {
  return cell.edit || cell.sent ? "" : cell.server.fault;
}

export function isFaulty(cell: Cell): boolean {
  return faultOf(cell) !== "" || cell.findings.some((finding) => finding.strength === "error");
}

export function isWarned(cell: Cell): boolean {
  return cell.findings.some((finding) => finding.strength === "warning" && !finding.explained);
}
