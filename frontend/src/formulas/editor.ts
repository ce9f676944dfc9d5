/**
 * The editor of a formula: the page's own text field, with its words painted beneath it, completion by name, pinyin and
 * code, and what the server says of it at its place. Without script it stays a text field.
 */
import { inserted, type Name, offers, position, type Word, words, written } from "./language.ts";

interface Verdict {
  message?: string;
  told?: string; // the message with its place
  line?: number;
  column?: number;
  units?: string;
}

const PAUSE = 300;
// Written out, so that the build keeps their rules.
const COLOURS: Record<Word["kind"], string> = {
  number: "word-number",
  unit: "word-unit",
  function: "word-function",
  code: "word-code",
  name: "word-name",
  sign: "word-sign",
  space: "word-space",
  strange: "word-strange",
};

export function formulaEditor(place: HTMLElement): void {
  const field = place.querySelector("textarea");
  const form = place.closest("form");
  if (!field || !form) return;
  const chinese = document.documentElement.lang.startsWith("zh");
  const { check = "", names: source = "", code = "", ...said } = place.dataset;

  const box = document.createElement("div");
  box.className = "formula-code";
  field.replaceWith(box);
  const paint = document.createElement("pre");
  paint.className = "formula-paint";
  paint.setAttribute("aria-hidden", "true");
  const list = document.createElement("ul");
  list.className = "formula-offers dropdown-menu";
  list.id = `${field.id}_offers`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", said.wordOffers ?? "");
  const verdict = document.createElement("p");
  verdict.className = "formula-verdict";
  verdict.setAttribute("role", "status");
  box.append(paint, field, list);
  box.after(verdict);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);

  let known: Name[] = [];
  let shown: Name[] = [];
  let chosen = 0;
  let wrongAt = -1;
  let asking: AbortController | null = null;
  let waiting = 0;

  fetch(source, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : { names: [] }))
    .then((given: { names: Name[] }) => {
      known = given.names;
    })
    .catch(() => {}); // without the names it is a text field that paints

  function repaint(): void {
    if (!field) return;
    paint.replaceChildren();
    for (const word of words(field.value)) {
      const span = document.createElement("span");
      const isWrong = wrongAt >= word.start && wrongAt < word.start + word.text.length;
      span.className = `${COLOURS[word.kind]}${isWrong && word.kind !== "space" ? " word-wrong" : ""}`;
      span.textContent = word.text;
      paint.append(span);
    }
    const end = document.createElement("span");
    if (wrongAt >= field.value.length && wrongAt >= 0) end.className = "word-wrong";
    end.textContent = "\u200b ";
    paint.append(end);
    field.style.height = `${paint.offsetHeight}px`;
  }

  /** Beneath the word that is being written. */
  function moveList(start: number): void {
    let seen = 0;
    for (const span of paint.children) {
      seen += span.textContent?.length ?? 0;
      if (seen > start && span instanceof HTMLElement) {
        const room = Math.max(0, box.clientWidth - list.offsetWidth);
        list.style.left = `${Math.min(span.offsetLeft, room)}px`;
        list.style.top = `${span.offsetTop + span.offsetHeight + 4}px`;
        return;
      }
    }
  }

  function close(): void {
    list.hidden = true;
    shown = [];
    field?.removeAttribute("aria-activedescendant");
  }

  function mark(): void {
    for (const [number, item] of [...list.children].entries()) {
      item.setAttribute("aria-selected", String(number === chosen));
      item.classList.toggle("active", number === chosen);
      if (number === chosen) item.scrollIntoView({ block: "nearest" });
    }
    field?.setAttribute("aria-activedescendant", `${list.id}_${chosen}`);
  }

  function offer(): void {
    if (!field) return;
    const now = written(field.value, field.selectionStart);
    shown = now ? offers(known, now.asked) : [];
    if (!now || shown.length === 0) {
      close();
      return;
    }
    list.replaceChildren(
      ...shown.map((name, number) => {
        const item = document.createElement("li");
        item.id = `${list.id}_${number}`;
        item.className = "dropdown-item";
        item.setAttribute("role", "option");
        const label = document.createElement("span");
        label.textContent = name.function ? `${name.code}(…)` : chinese ? name.zh : name.en;
        const codeOf = document.createElement("code");
        codeOf.textContent = name.function ? "" : name.code;
        const unit = document.createElement("span");
        unit.className = "unit";
        unit.textContent = name.unit;
        item.append(label, codeOf, unit);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          chosen = number;
          take();
        });
        return item;
      }),
    );
    chosen = 0;
    list.hidden = false;
    moveList(now.start);
    mark();
  }

  function take(): void {
    if (!field) return;
    const now = written(field.value, field.selectionStart);
    const name = shown[chosen];
    if (!now || !name) return;
    const text = inserted(name, known, chinese);
    let end = field.selectionStart;
    if (field.value[now.start] === "「" && field.value[end] === "」") end += 1;
    field.setRangeText(text, now.start, end, "end");
    close();
    changed(false);
  }

  function changed(offering: boolean): void {
    wrongAt = -1;
    repaint();
    if (offering) offer();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => void ask(), PAUSE);
  }

  async function ask(): Promise<void> {
    if (!field || !form) return;
    asking?.abort();
    if (!field.value.trim()) {
      verdict.replaceChildren();
      return;
    }
    asking = new AbortController();
    const body = new FormData();
    const token = form.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
    body.set("formula", field.value);
    body.set("unit", form.querySelector<HTMLInputElement>("[name=unit]")?.value ?? "");
    body.set("code", code);
    try {
      const headers = { "X-CSRFToken": token, Accept: "application/json" };
      const answer = await fetch(check, {
        method: "POST",
        body: new URLSearchParams([...body] as string[][]),
        headers,
        signal: asking.signal,
      });
      if (answer.ok) tell(await answer.json());
    } catch {
      // Asked again with the next key.
    }
  }

  function tell(given: Verdict): void {
    if (!field) return;
    verdict.classList.toggle("is-wrong", Boolean(given.message));
    if (given.message) {
      verdict.textContent = given.told ?? given.message;
      wrongAt = given.line ? position(field.value, given.line, given.column ?? 1) : -1;
      field.setAttribute("aria-invalid", "true");
    } else {
      verdict.textContent = `${said.wordFits} ${said.wordUnits}: ${given.units ?? ""}`;
      wrongAt = -1;
      field.removeAttribute("aria-invalid");
    }
    repaint();
  }

  field.addEventListener("input", (event) => changed(!(event as InputEvent).isComposing));
  field.addEventListener("compositionend", () => changed(true));
  field.addEventListener("blur", close);
  field.addEventListener("scroll", () => {
    paint.scrollTop = field.scrollTop;
  });
  form.querySelector("[name=unit]")?.addEventListener("change", () => changed(false));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      offer();
    } else if (list.hidden) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
      mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      take();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  repaint();
  void ask();
}
