/**
 * Putting things onto rows and columns: by dragging chips and offers, by arrow keys on a chip, by its buttons. What is
 * chosen stands in the form, and the form is the address: every move sends it.
 */

type Zone = "rows" | "columns";
const ZONES: Zone[] = ["rows", "columns"];
const FAR = 6; // pixels before a press becomes a drag

/** The axes with a dimension put at a place of one of them. */
export function placed(
  axes: Record<Zone, string[]>,
  dimension: string,
  zone: Zone,
  place: number,
): Record<Zone, string[]> {
  const before = axes[zone].slice(0, place).filter((one) => one !== dimension);
  const after = axes[zone].slice(place).filter((one) => one !== dimension);
  const other = zone === "rows" ? "columns" : "rows";
  const moved = { [zone]: [...before, dimension, ...after] } as Record<Zone, string[]>;
  moved[other] = axes[other].filter((one) => one !== dimension);
  return moved;
}

/** Where a dimension goes by an arrow key; null where it already stands there. */
export function stepped(axes: Record<Zone, string[]>, dimension: string, key: string): Record<Zone, string[]> | null {
  const zone: Zone = axes.rows.includes(dimension) ? "rows" : "columns";
  const place = axes[zone].indexOf(dimension);
  if (key === "ArrowLeft") return zone === "rows" ? null : placed(axes, dimension, "rows", axes.rows.length);
  if (key === "ArrowRight") return zone === "columns" ? null : placed(axes, dimension, "columns", axes.columns.length);
  if (key === "ArrowUp") return place === 0 ? null : placed(axes, dimension, zone, place - 1);
  if (key === "ArrowDown") return place + 1 >= axes[zone].length ? null : placed(axes, dimension, zone, place + 2);
  return null;
}

export function pivot(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const field = (name: Zone) => form.querySelector<HTMLInputElement>(`input[name=${name}]`);
  const axes = (): Record<Zone, string[]> => ({ rows: listed(field("rows")), columns: listed(field("columns")) });

  const send = (moved: Record<Zone, string[]> | null) => {
    if (!moved) return;
    for (const zone of ZONES) {
      const input = field(zone);
      if (input) input.value = moved[zone].join(",") || "-";
    }
    form.requestSubmit();
  };
  reveal(form);

  form.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("button[name=move]");
    if (!button) return;
    event.preventDefault();
    const [dimension = "", to = ""] = button.value.split(":");
    const keys: Record<string, string> = { up: "ArrowUp", down: "ArrowDown", rows: "ArrowLeft", columns: "ArrowRight" };
    send(stepped(axes(), dimension, keys[to] ?? ""));
  });
  form.addEventListener("keydown", (event) => {
    const chip = event.target as HTMLElement;
    if (!chip.dataset.chip || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    send(stepped(axes(), chip.dataset.chip, event.key));
  });
  form.addEventListener("input", (event) => {
    const search = event.target as HTMLInputElement;
    if (!search.matches("[data-pivot-search]")) return;
    const words = search.value.trim().toLowerCase();
    for (const offer of search.parentElement?.querySelectorAll<HTMLElement>("[data-offer]") ?? []) {
      offer.hidden = words !== "" && !(offer.textContent ?? "").toLowerCase().includes(words);
    }
  });
  form.addEventListener("change", (event) => {
    if ((event.target as HTMLElement).matches("[data-pivot-search]")) event.stopImmediatePropagation();
  });
  form.addEventListener("pointerdown", (event) => {
    const held = (event.target as HTMLElement).closest<HTMLElement>("[data-drag]");
    if (!held || event.button !== 0 || (event.target as HTMLElement).closest("button, input")) return;
    drag(form, held, event, (zone, place) => {
      const value = held.dataset.value;
      const box = value === undefined ? null : held.parentElement?.querySelector<HTMLInputElement>("input");
      if (box) box.checked = true;
      send(placed(axes(), held.dataset.drag ?? "", zone, place));
    });
  });
  // After every answer the form is another one in the same place.
  new MutationObserver(() => reveal(form)).observe(form, { childList: true, subtree: true });
  form.dataset.ready = "";
}

function listed(input: HTMLInputElement | null): string[] {
  return (input?.value ?? "").split(",").filter((one) => one !== "" && one !== "-");
}

/** What acts by script alone is shown only now. */
function reveal(form: HTMLElement): void {
  for (const hidden of form.querySelectorAll<HTMLElement>(".pivot-grip[hidden], .pivot-search[hidden]")) {
    hidden.hidden = false;
  }
}

function drag(
  form: HTMLElement,
  held: HTMLElement,
  start: PointerEvent,
  drop: (zone: Zone, place: number) => void,
): void {
  let ghost: HTMLElement | null = null;
  let over: HTMLElement | null = null;
  const words = held.dataset.value === undefined ? held : (held.parentElement ?? held);

  const move = (event: PointerEvent) => {
    if (!ghost) {
      if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < FAR) return;
      ghost = document.createElement("div");
      ghost.className = "pivot-ghost";
      ghost.textContent = (words.textContent ?? "").replace("⠿", "").trim().split("\n")[0] ?? "";
      document.body.append(ghost);
      held.dataset.dragged = "";
    }
    ghost.style.left = `${event.clientX + 8}px`;
    ghost.style.top = `${event.clientY + 8}px`;
    const zone = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("[data-zone]") ?? null;
    if (zone !== over) {
      delete over?.dataset.over;
      over = zone;
      if (over) over.dataset.over = "";
    }
  };
  const end = (event: PointerEvent) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    delete held.dataset.dragged;
    delete over?.dataset.over;
    ghost?.remove();
    if (ghost && over && form.contains(over) && event.type === "pointerup") {
      drop(over.dataset.zone as Zone, placeAmong(over, event.clientX));
    }
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

/** Before how many chips of a zone something was dropped. */
function placeAmong(zone: HTMLElement, x: number): number {
  const chips = [...zone.querySelectorAll<HTMLElement>("[data-chip]")];
  return chips.filter((chip) => {
    const box = chip.getBoundingClientRect();
    return box.left + box.width / 2 < x;
  }).length;
}
