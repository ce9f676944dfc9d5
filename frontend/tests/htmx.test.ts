import type { HtmxRequestCtx } from "htmx.org";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addToken, belongsToPage, dropEmptyFilters, markUnattended, renewToken } from "../src/htmx.ts";

vi.mock("htmx.org", () => ({ default: {} })); // the simulated page knows no XPath; a browser drives the real one

function asking(method: string, body: BodyInit | null = null, source = "<div></div>"): HtmxRequestCtx {
  const holder = document.createElement("div");
  holder.innerHTML = source;
  return {
    sourceElement: holder.firstElementChild as Element,
    request: { method, headers: {} as Record<string, string>, body },
  } as unknown as HtmxRequestCtx;
}

function answered(status: number, headers: Record<string, string> = {}): HtmxRequestCtx {
  return { response: { status, headers: new Headers(headers) } } as unknown as HtmxRequestCtx;
}

describe("the mark of what nobody has clicked", () => {
  it("goes with what a page asks on a timer or when it has loaded, and with nothing else", () => {
    for (const [trigger, marked] of [
      ["every 2s", "1"],
      ["load", "1"],
      ["click", undefined],
      ["submit, change", undefined],
      ["loaded from:body", undefined],
    ]) {
      const ctx = asking("GET", null, `<div hx-trigger="${trigger}"></div>`);
      markUnattended(ctx);
      expect(ctx.request.headers["X-Gangmu-Unattended"]).toBe(marked);
    }
    const plain = asking("GET");
    markUnattended(plain);
    expect(plain.request.headers).toEqual({});
  });
});

describe("the mark against forged requests", () => {
  beforeEach(() => {
    document.head.innerHTML = '<meta name="csrf-token" content="old">';
    document.body.innerHTML = '<form><input name="csrfmiddlewaretoken" value="old"></form>';
  });

  it("goes with every write and with no read", () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const ctx = asking(method);
      addToken(ctx);
      expect(ctx.request.headers["X-CSRFToken"]).toBe("old");
    }
    const reading = asking("GET");
    addToken(reading);
    expect(reading.request.headers).toEqual({});
  });

  it("is renewed on the page and in its forms when the server hands out a fresh one", () => {
    document.body.dispatchEvent(new CustomEvent("gangmu:token", { bubbles: true, detail: { token: "new" } }));
    const ctx = asking("POST");
    addToken(ctx);
    expect(ctx.request.headers["X-CSRFToken"]).toBe("new");
    expect(document.querySelector("input")?.value).toBe("new");
  });

  it("stays when the server sends none", () => {
    document.body.dispatchEvent(new CustomEvent("gangmu:token", { bubbles: true, detail: {} }));
    expect(document.querySelector("input")?.value).toBe("old");
    renewToken("x");
    expect(document.querySelector("input")?.value).toBe("x");
  });
});

describe("an answer", () => {
  it.each([
    [200, {}, true],
    [204, {}, true],
    [422, {}, true],
    [404, {}, false],
    [502, {}, false],
    [404, { "HX-Retarget": "#toasts" }, true],
    [500, { "HX-Retarget": "#toasts" }, true],
  ])("with status %i and headers %o belongs to the page: %s", (status, headers, expected) => {
    expect(belongsToPage(answered(status, headers as Record<string, string>))).toBe(expected);
  });
});

describe("the filters of a list", () => {
  function filters(): FormData {
    const body = new FormData();
    for (const [name, value] of [
      ["q", ""],
      ["kind", "plant"],
      ["col", "code"],
      ["col", ""],
      ["col", "name"],
    ] as const)
      body.append(name, value);
    return body;
  }

  it("leave nothing empty in the address", () => {
    const ctx = asking("GET", filters(), "<form data-list-filters></form>");
    dropEmptyFilters(ctx);
    expect([...(ctx.request.body as FormData).entries()]).toEqual([
      ["kind", "plant"],
      ["col", "code"],
      ["col", "name"],
    ]);
  });

  it("leave out what would be so anyway", () => {
    const source = '<form data-list-filters data-default-col="code name" data-default-kind="unit"></form>';
    const ctx = asking("GET", filters(), source);
    dropEmptyFilters(ctx);
    expect([...(ctx.request.body as FormData).entries()]).toEqual([["kind", "plant"]]);
  });

  it("are not touched in other forms: an empty field may mean to clear something", () => {
    const ctx = asking("POST", filters(), "<form></form>");
    dropEmptyFilters(ctx);
    expect((ctx.request.body as FormData).get("q")).toBe("");
  });
});
