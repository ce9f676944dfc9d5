/** How cells look: their text, their states (`data-state`), and what stands below the input. */
import { type Book, type Cell, current, faultOf, isFaulty, isWarned, same } from "./book.ts";
import { difference, sameFigure } from "./figures.ts";
import type { Spot } from "./page.ts";
import type { Words } from "./words.ts";

const ROUNDED = 5;
const RECEIVED = new Set([2, 3, 4]);

/** The states of a cell that show at the same time. */
export function states(cell: Cell, words: Words): string[] {
  const value = current(cell);
  const found: string[] = [];
  if (value.text === "") found.push(cell.required ? "required" : "empty");
  if (cell.sent) found.push("saving");
  else if (cell.edit) found.push("typed");
  else if (cell.server.mine) found.push("saved");
  if (cell.theirs) found.push("conflict");
  if (isFaulty(cell)) found.push("faulty");
  else if (isWarned(cell)) found.push("warned");
  if (cell.proposed && value.text === "" && !cell.readonly) found.push("proposed");
  if (differs(cell)) found.push("differs");
  if (value.text !== "" && value.text === words.say("idle")) found.push("idle");
  if (value.mark === ROUNDED) found.push("rounded");
  if (RECEIVED.has(value.mark)) found.push("taken");
  if (cell.news) found.push("news");
  if (cell.remarks > 0) found.push("remarks");
  if (cell.readonly) found.push("locked");
  return found;
}

/** Whether what was typed is another figure than the one an interface gave. */
export function differs(cell: Cell): boolean {
  const { text } = current(cell);
  return cell.proposed !== null && text !== "" && !sameFigure(text, cell.proposed.text);
}

/** The line below an input: the other person's figure, or how far the typed one is from the interface's. */
function below(cell: Cell, words: Words): { name: string; text: string } | null {
  const { theirs, proposed } = cell;
  if (theirs)
    return { name: "cell-note cell-theirs", text: `${theirs.by} ${theirs.at} ${theirs.text || words.say("nothing")}` };
  if (proposed && differs(cell)) {
    const off = difference(current(cell).text, proposed.text);
    return { name: "cell-note", text: `${proposed.source} ${proposed.text}${off ? ` (${off})` : ""}` };
  }
  return null;
}

export class Painter {
  constructor(
    private readonly book: Book,
    private readonly spots: Map<string, Spot>,
    private readonly words: Words,
    private readonly beingTyped: () => string | null,
  ) {}

  paint(keys: Iterable<string>): void {
    for (const key of keys) {
      const cell = this.book.cells.get(key);
      const spot = this.spots.get(key);
      if (cell && spot) this.paintOne(cell, spot);
    }
  }

  private paintOne(cell: Cell, { box, input }: Spot): void {
    const { text } = current(cell);
    if (this.beingTyped() !== cell.key && input.value !== text) {
      input.value = text;
      if (document.activeElement === input) input.select(); // so that typing still replaces it
    }
    const shown = states(cell, this.words).join(" ");
    if (box.dataset.state !== shown) box.dataset.state = shown;
    if (input.readOnly !== cell.readonly) input.readOnly = cell.readonly;
    input.ariaInvalid = isFaulty(cell) ? "true" : null;
    const ghost = cell.readonly ? "" : (cell.proposed?.text ?? "");
    if (input.placeholder !== ghost) input.placeholder = ghost;
    const line = below(cell, this.words);
    let note = box.querySelector<HTMLElement>(".cell-note");
    if (!line) note?.remove();
    else {
      if (!note) {
        note = document.createElement("small");
        input.after(note);
      }
      note.className = line.name;
      note.textContent = line.text;
    }
  }
}

/** What there is to say about a cell in words, for the card below it. */
export interface Notice {
  tone: "danger" | "warning" | "info" | "secondary";
  text: string;
  acts: Array<{ name: string; text: string }>;
}

export function notices(cell: Cell, words: Words, time: (milliseconds: number) => string): Notice[] {
  const found: Notice[] = [];
  const value = current(cell);
  const { theirs, edit, server, proposed } = cell;
  if (theirs && edit) {
    const shown = (text: string) => text || words.say("nothing");
    found.push({
      tone: "danger",
      text: words.say("conflict", {
        mine: shown(edit.text),
        typed: time(edit.typed),
        theirs: shown(theirs.text),
        by: theirs.by,
        at: theirs.at,
        was: shown(edit.was.text),
      }),
      acts: [
        { name: "mine", text: words.say("keep mine", { value: shown(edit.text) }) },
        { name: "theirs", text: words.say("take theirs", { value: shown(theirs.text) }) },
      ],
    });
  }
  const fault = faultOf(cell);
  if (fault) {
    const acts =
      server.rounding && !cell.readonly
        ? [{ name: "round", text: words.say("round", { value: server.rounding }) }]
        : [];
    found.push({ tone: "danger", text: fault, acts });
  }
  for (const finding of cell.findings) {
    const tone = finding.strength === "error" ? "danger" : finding.explained ? "secondary" : "warning";
    const tail = finding.strength === "warning" ? words.say(finding.explained ? "explained" : "to explain") : "";
    found.push({ tone, text: tail ? `${finding.text} ${tail}` : finding.text, acts: [] });
  }
  if (proposed && !cell.readonly && !same(value, proposed) && (value.text === "" || differs(cell))) {
    const off = value.text ? difference(value.text, proposed.text) : "";
    const given = { source: proposed.source, value: proposed.text, difference: off };
    found.push({
      tone: "info",
      text: words.say(off ? "proposed other" : "proposed", given),
      acts: [{ name: "accept", text: words.say("accept", { value: proposed.text }) }],
    });
  }
  if (cell.news) {
    found.push({ tone: "info", text: words.say("news", { by: server.by, at: server.at }), acts: [] });
  }
  if (value.mark === ROUNDED) found.push({ tone: "secondary", text: words.say("rounded"), acts: [] });
  if (cell.remarks > 0) {
    found.push({
      tone: "secondary",
      text: words.say("remarks", { n: cell.remarks }),
      acts: [{ name: "remarks", text: words.say("read remarks") }],
    });
  }
  return found;
}
