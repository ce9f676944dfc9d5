import { beforeEach, describe, expect, it, vi } from "vitest";
import { dateSlider, dayNumber, isoDay, nextMark } from "../src/date-slider.ts";

describe("days", () => {
  it.each(["1970-01-01", "2024-02-29", "2026-11-20", "1949-10-01"])("%s survives the way there and back", (day) => {
    expect(isoDay(dayNumber(day))).toBe(day);
  });

  it("are one apart, over leap days and time changes", () => {
    expect(dayNumber("2024-03-01") - dayNumber("2024-02-28")).toBe(2);
    expect(dayNumber("1986-05-05") - dayNumber("1986-05-03")).toBe(2); // China began summer time on the 4th
  });
});

describe("the next mark", () => {
  const marks = [10, 20, 30];
  it.each([
    [15, 1, 20],
    [15, -1, 10],
    [20, 1, 30],
    [20, -1, 10],
    [30, 1, 40],
    [10, -1, 0],
  ] as const)("from %i towards %i is %i", (day, direction, expected) => {
    expect(nextMark(day, marks, direction, 0, 40)).toBe(expected);
  });
});

describe("the slider", () => {
  let form: HTMLFormElement;
  let range: HTMLInputElement;
  let box: HTMLInputElement;
  const sent = vi.fn();

  beforeEach(() => {
    document.body.innerHTML = `
      <form data-date-slider data-first="2026-01-01" data-last="2026-12-31" data-marks="2025-01-01 2026-04-01 2026-07-01">
        <button type="button" data-step="-1"></button><input type="range" list="marks"><datalist id="marks"></datalist>
        <button type="button" data-step="1"></button><input type="date" name="day" value="2026-04-10">
      </form>`;
    form = document.querySelector("form") as HTMLFormElement;
    range = form.querySelector("input[type=range]") as HTMLInputElement;
    box = form.querySelector("input[type=date]") as HTMLInputElement;
    sent.mockReset();
    form.requestSubmit = sent;
    dateSlider(form);
  });

  const move = (days: number, event: string) => {
    range.value = String(days);
    range.dispatchEvent(new Event(event));
  };
  const press = (step: string) => (form.querySelector(`[data-step="${step}"]`) as HTMLElement).click();

  it("begins where the box stands and spans the range", () => {
    expect([range.min, range.max, range.value]).toEqual(["0", "364", "99"]);
  });

  it("moves the box while dragged and sends when let go", () => {
    move(0, "input");
    expect(box.value).toBe("2026-01-01");
    expect(sent).not.toHaveBeenCalled();
    move(364, "change");
    expect(box.value).toBe("2026-12-31");
    expect(sent).toHaveBeenCalledOnce();
  });

  it("steps to the marks inside the range and then to its ends", () => {
    press("1");
    expect(box.value).toBe("2026-07-01");
    press("1");
    expect(box.value).toBe("2026-12-31");
    press("-1");
    press("-1");
    press("-1");
    expect(box.value).toBe("2026-01-01");
    expect(sent).toHaveBeenCalledTimes(5);
  });

  it("marks only days of the range", () => {
    expect([...document.querySelectorAll("datalist option")].map((option) => option.getAttribute("value"))).toEqual([
      "90",
      "181",
    ]);
  });

  it("does not send an empty box", () => {
    box.value = "";
    box.dispatchEvent(new Event("change"));
    expect(sent).not.toHaveBeenCalled();
    box.value = "2026-05-01";
    box.dispatchEvent(new Event("change"));
    expect(range.value).toBe("120");
    expect(sent).toHaveBeenCalledOnce();
  });
});
