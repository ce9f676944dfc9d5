import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { watchConfirmations, watchSentForms } from "../src/forms.ts";

beforeAll(() => {
  watchSentForms(document);
  watchConfirmations(document);
});

/** Whether the browser would really send the form. */
function send(form: HTMLFormElement): boolean {
  return form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
}

describe("a form that the browser sends", () => {
  let form: HTMLFormElement;
  beforeEach(() => {
    document.body.innerHTML = '<form method="post" data-once><button>Save</button></form>';
    form = document.querySelector("form") as HTMLFormElement;
  });

  it("goes out once", () => {
    expect(send(form)).toBe(true);
    expect(send(form)).toBe(false);
  });

  it("can go out again after coming back to the page", () => {
    send(form);
    window.dispatchEvent(new Event("pageshow"));
    expect(send(form)).toBe(true);
  });

  it("is not held back when it only asks", () => {
    form.method = "get";
    expect([send(form), send(form)]).toEqual([true, true]);
  });

  it("is left alone when something else has taken it", () => {
    form.addEventListener("submit", (event) => event.preventDefault());
    send(form);
    expect(form.hasAttribute("data-sent")).toBe(false);
  });
});

describe("a button that asks first", () => {
  const reached = vi.fn();
  beforeEach(() => {
    document.body.innerHTML = '<button type="button" data-confirm="Really?"><span>Go</span></button>';
    reached.mockReset();
    document.querySelector("button")?.addEventListener("click", reached);
  });
  const press = () => document.querySelector("span")?.click();

  it("does nothing when the answer is no", () => {
    window.confirm = () => false;
    press();
    expect(reached).not.toHaveBeenCalled();
  });

  it("goes on when the answer is yes, and asks with its own words", () => {
    const asked = vi.fn(() => true);
    window.confirm = asked;
    press();
    expect(reached).toHaveBeenCalledOnce();
    expect(asked).toHaveBeenCalledWith("Really?");
  });
});
