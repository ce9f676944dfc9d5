/** A slider over days beside a date box. The box is what is sent; the slider and the arrows only move it. */

const DAY = 86_400_000;

/** Days since 1970 of an ISO date; dates only, so no time zone can shift them. */
export function dayNumber(iso: string): number {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
}

export function isoDay(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** The mark next to `day` in the given direction, or the end of the range where there is none. */
export function nextMark(day: number, marks: number[], direction: 1 | -1, first: number, last: number): number {
  const beyond = marks.filter((mark) => (direction > 0 ? mark > day : mark < day));
  if (beyond.length === 0) return direction > 0 ? last : first;
  return direction > 0 ? Math.min(...beyond) : Math.max(...beyond);
}

export function dateSlider(form: HTMLElement): void {
  const range = form.querySelector<HTMLInputElement>("input[type=range]");
  const box = form.querySelector<HTMLInputElement>("input[type=date]");
  const { first: from, last: until, marks: listed } = form.dataset;
  if (!range || !box || !from || !until || !(form instanceof HTMLFormElement)) return;
  const first = dayNumber(from);
  const last = dayNumber(until);
  const marks = (listed ?? "")
    .split(" ")
    .filter(Boolean)
    .map(dayNumber)
    .filter((day) => day >= first && day <= last);

  range.min = "0";
  range.max = String(last - first);
  for (const mark of marks) {
    const option = document.createElement("option");
    option.value = String(mark - first);
    range.list?.append(option);
  }
  const showBox = () => {
    if (!box.value) return;
    range.value = String(dayNumber(box.value) - first);
    range.setAttribute("aria-valuetext", box.value);
  };
  const moveTo = (day: number, send: boolean) => {
    box.value = isoDay(Math.min(Math.max(day, first), last));
    showBox();
    if (send) form.requestSubmit();
  };
  showBox();
  range.addEventListener("input", () => moveTo(first + Number(range.value), false));
  range.addEventListener("change", () => moveTo(first + Number(range.value), true));
  box.addEventListener("change", () => {
    if (!box.value || !box.checkValidity()) return;
    showBox();
    form.requestSubmit();
  });
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[data-step]")) {
    const direction = button.dataset.step === "1" ? 1 : -1;
    button.addEventListener("click", () => moveTo(nextMark(dayNumber(box.value), marks, direction, first, last), true));
  }
}
