/** Boxes in groups: one box ticks its group (`data-tick-group`, `data-tick-all`), the button says how many are ticked. */

function boxesOf(part: Element): HTMLInputElement[] {
  return [...part.querySelectorAll<HTMLInputElement>("input[type=checkbox][name]")];
}

/** Brings the boxes of groups and the number on the button in line with what is ticked. */
export function countTicks(form: Element): void {
  for (const group of form.querySelectorAll("[data-tick-group]")) {
    const boxes = boxesOf(group);
    const ticked = boxes.filter((box) => box.checked).length;
    const all = group.querySelector<HTMLInputElement>("[data-tick-all]");
    if (!all) continue;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  const total = boxesOf(form).filter((box) => box.checked).length;
  for (const count of form.querySelectorAll("[data-tick-count]")) count.textContent = String(total);
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[type=submit]")) button.disabled = total === 0;
}

export function watchTicks(root: Document): void {
  root.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    const form = box.closest("form[data-ticks]");
    if (!form) return;
    const group = box.matches("[data-tick-all]") ? box.closest("[data-tick-group]") : null;
    if (group) for (const other of boxesOf(group)) other.checked = box.checked;
    countTicks(form);
  });
  // The browser may have kept ticks from before a reload.
  for (const form of root.querySelectorAll("form[data-ticks]")) countTicks(form);
}
