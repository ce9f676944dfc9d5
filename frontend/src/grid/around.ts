/** What stands around the tables: the bar that names the active cell, the card below it, the status line. */
import { type Cell, current, isFaulty, isWarned } from "./book.ts";
import type { Desk } from "./desk.ts";
import { totals } from "./figures.ts";
import { notices } from "./paint.ts";
import type { Sync } from "./sync.ts";
import { timeOfDay, type Words } from "./words.ts";

const LOOKS = {
  danger: "grid-notice grid-notice-danger",
  warning: "grid-notice grid-notice-warning",
  info: "grid-notice grid-notice-info",
  secondary: "grid-notice",
};

export type Act = (name: string, cell: Cell) => void;

/** Elements of the page by what they are for: `data-grid="filled"`. */
export function part(form: HTMLElement, name: string): HTMLElement | null {
  return form.querySelector<HTMLElement>(`[data-grid="${name}"]`);
}

function setText(element: HTMLElement | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** The card below the active cell: faults, warnings, another person's figure, and what can be done about them. */
export class Card {
  private readonly element: HTMLElement;
  private shown = "";

  constructor(
    private readonly form: HTMLElement,
    private readonly desk: Desk,
    private readonly words: Words,
    act: Act,
  ) {
    this.element = part(form, "card") as HTMLElement;
    this.element.addEventListener("click", (event) => {
      const name = (event.target as Element).closest<HTMLElement>("button[data-act]")?.dataset.act;
      const { active, cell } = desk;
      if (!name || !cell) return;
      act(name, cell);
      if (active && name !== "remarks") desk.go(active);
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "F6") return;
      event.preventDefault();
      if (desk.active) desk.go(desk.active);
    });
    document.addEventListener("scroll", () => this.place(), { capture: true, passive: true });
    window.addEventListener("resize", () => this.place(), { passive: true });
  }

  show(): void {
    const { active, cell } = this.desk;
    const alone = this.desk.selected().length === 1;
    const found = cell && alone ? notices(cell, this.words, timeOfDay) : [];
    const shown = JSON.stringify([cell?.key, found]);
    if (shown !== this.shown) {
      this.shown = shown;
      this.element.hidden = found.length === 0;
      this.element.replaceChildren(
        ...found.map(({ tone, text, acts }) => {
          const line = document.createElement("div");
          line.className = LOOKS[tone];
          const words = document.createElement("p");
          words.textContent = text;
          line.append(words);
          for (const { name, text: label } of acts) {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "btn btn-sm";
            button.dataset.act = name;
            button.textContent = label;
            line.append(button);
          }
          return line;
        }),
      );
      for (const { input } of this.desk.spots.values()) {
        if (input.hasAttribute("aria-describedby") && input !== active?.input)
          input.removeAttribute("aria-describedby");
      }
      if (found.length > 0) active?.input.setAttribute("aria-describedby", this.element.id);
    }
    this.place();
  }

  /** F6 goes to the first button of the card, and back. */
  enter(): void {
    this.element.querySelector<HTMLElement>("button")?.focus();
  }

  private place(): void {
    const { active } = this.desk;
    if (this.element.hidden || !active) return;
    const box = active.box.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    // Beside the cell below, so that neither the next row nor the next column is hidden while one types on.
    const right = document.documentElement.clientWidth - width - 8;
    const left = Math.max(8, box.right + 6 <= right ? box.right + 6 : Math.min(box.left, right));
    const beneath = box.bottom + 2;
    const foot = part(this.form, "foot")?.getBoundingClientRect().top ?? window.innerHeight;
    const top = beneath + height < foot ? beneath : Math.max(8, box.top - height - 4);
    this.element.style.insetInlineStart = `${left}px`;
    this.element.style.insetBlockStart = `${top}px`;
  }
}

/** Where one is, in words: Unit 1 · Generation, MWh, and what stood there before. */
export class Bar {
  constructor(
    private readonly form: HTMLElement,
    private readonly desk: Desk,
    private readonly words: Words,
  ) {}

  show(): void {
    const { active, desk } = { active: this.desk.active, desk: this.desk };
    if (active) {
      const names = (active.input.getAttribute("aria-labelledby") ?? "").split(" ");
      const named = names.map(
        (id) =>
          document
            .getElementById(id)
            ?.innerText.replace(/[\s*]+/g, " ")
            .trim() ?? "",
      );
      setText(part(this.form, "where"), named.filter(Boolean).join(" · "));
      const before = ["yesterday", "year-ago"].flatMap((name) => {
        const text = active.box.parentElement && beside(active.box, name);
        return text ? [`${this.words.say(name)} ${text}`] : [];
      });
      setText(part(this.form, "before"), before.join(" · "));
    }
    this.enable("undo", desk.history.canUndo);
    this.enable("redo", desk.history.canRedo);
    this.enable(
      "idle",
      desk.selected().some((cell) => cell.idle !== "" && !cell.readonly),
    );
    this.enable("remark", active !== null);
    const offered = [...desk.book.cells.values()].filter((cell) => isOffered(cell)).length;
    const accept = part(this.form, "accept");
    if (accept) accept.hidden = offered === 0;
    setText(part(this.form, "offered"), this.words.say("offered", { n: offered }));
  }

  private enable(name: string, able: boolean): void {
    const button = part(this.form, name);
    if (button instanceof HTMLButtonElement && button.disabled === able) button.disabled = !able;
  }
}

/** A figure of another time: in the cell itself, or in its row where that has columns for them. */
function beside(box: HTMLElement, name: string): string {
  const place =
    box.querySelector(`[data-beside=${name}]`) ?? box.parentElement?.querySelector(`td[data-beside=${name}]`);
  return place?.textContent?.trim() ?? "";
}

export function isOffered(cell: Cell): boolean {
  return cell.proposed !== null && !cell.readonly && current(cell).text === "";
}

/** The line at the foot: what is saved, what is missing, what is wrong, what the selection adds up to. */
export class Status {
  constructor(
    private readonly form: HTMLElement,
    private readonly desk: Desk,
    private readonly words: Words,
    private readonly sync: Sync,
    private readonly kept: () => boolean,
  ) {
    const seek = { faults: isFaulty, warnings: isWarned, conflicts: (cell: Cell) => cell.theirs !== null };
    for (const [name, wanted] of Object.entries(seek)) {
      part(form, name)?.addEventListener("click", () => desk.seek(wanted));
    }
    part(form, "missing")?.addEventListener("click", () => {
      desk.seek((cell) => cell.required && current(cell).text === "");
    });
  }

  show(): void {
    const counts = this.desk.book.counts();
    const { line, message } = this.sync;
    const typing = this.desk.mode !== "ready";
    const rest = counts.unsaved > counts.conflicts || typing ? "unsaved" : counts.conflicts > 0 ? "disputed" : "saved";
    const closed = ![...this.desk.book.sheets.values()].some((sheet) => sheet.editable);
    const left = closed && counts.unsaved > 0;
    const state = line !== "idle" ? line : left ? "left" : closed ? "closed" : rest;
    this.form.dataset.line = state;
    this.form.dataset.kept = String(this.kept());
    const said = left || !message ? this.words.say(`line ${left ? "left" : state}`, { n: counts.unsaved }) : "";
    setText(part(this.form, "line"), [message, said].filter(Boolean).join(" "));
    setText(part(this.form, "filled"), this.words.say("filled", { n: counts.filled, total: counts.total }));
    const progress = part(this.form, "progress");
    if (progress instanceof HTMLProgressElement) {
      progress.max = counts.total;
      progress.value = counts.filled;
    }
    for (const name of ["missing", "faults", "warnings", "conflicts"] as const) {
      const button = part(this.form, name);
      if (!button) continue;
      button.hidden = counts[name] === 0;
      setText(button, this.words.say(name, { n: counts[name] }));
    }
  }

  showTotals(): void {
    const cells = this.desk.selected();
    const found = cells.length > 1 ? totals(cells.map((cell) => current(cell).text)) : null;
    setText(part(this.form, "totals"), found ? this.words.say("totals", { ...found }) : "");
  }
}
