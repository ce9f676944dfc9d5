/** Comments on a cell: a window with what was said, and a box to say more. */

import { part } from "./around.ts";
import type { Cell } from "./book.ts";
import type { Words } from "./words.ts";

interface Said {
  by: string;
  at: string;
  words: string;
}

export class Remarks {
  private readonly window: HTMLElement;
  private readonly list: HTMLElement;
  private readonly box: HTMLTextAreaElement;
  private cell: Cell | null = null;
  private key = "";

  constructor(
    private readonly address: string,
    private readonly words: Words,
    private readonly newKey: () => string,
    private readonly done: (cell: Cell) => void,
  ) {
    this.window = document.getElementById("grid-remarks") as HTMLElement;
    this.list = part(this.window, "said") as HTMLElement;
    this.box = part(this.window, "words") as HTMLTextAreaElement;
    part(this.window, "say")?.addEventListener("click", () => void this.say());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.say();
    });
    this.window.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "closed" && this.cell) this.done(this.cell);
    });
  }

  open(cell: Cell, where: string): void {
    this.cell = cell;
    this.key = this.newKey();
    const title = this.window.querySelector(".card-title");
    if (title) title.textContent = where;
    this.list.replaceChildren();
    this.window.showPopover();
    this.box.focus();
    if (cell.remarks > 0) void this.exchange(null);
  }

  private async say(): Promise<void> {
    const words = this.box.value.trim();
    if (!words || !this.cell) return this.box.focus();
    if (await this.exchange(words)) {
      this.box.value = "";
      this.key = this.newKey();
    }
  }

  private async exchange(words: string | null): Promise<boolean> {
    const { cell } = this;
    if (!cell) return false;
    this.list.dataset.busy = "";
    try {
      const response = await fetch(
        `${this.address.replace("/0/", `/${cell.sheet}/`)}?cell=${encodeURIComponent(cell.key)}`,
        {
          ...(words === null ? {} : { method: "POST", body: new URLSearchParams({ words, _key: this.key }) }),
          headers: {
            "X-CSRFToken": document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "",
            "HX-Request": "true",
          },
          redirect: "manual",
        },
      );
      if (!response.ok) throw new Error(String(response.status));
      const { said }: { said: Said[] } = await response.json();
      cell.remarks = said.length;
      this.list.replaceChildren(...said.map(line));
      return true;
    } catch {
      this.list.append(paragraph("grid-notice-danger", this.words.say("remark failed")));
      return false;
    } finally {
      delete this.list.dataset.busy;
    }
  }
}

function paragraph(name: string, text: string): HTMLElement {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
}

function line({ by, at, words }: Said): HTMLElement {
  const item = document.createElement("div");
  item.className = "grid-remark";
  item.append(paragraph("text-secondary", `${by} · ${at}`), paragraph("", words));
  return item;
}
