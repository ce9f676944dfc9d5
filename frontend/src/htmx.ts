/** htmx as we use it: our token with every write, the server's errors as messages, nothing typed ever lost. */
import htmx, { type HtmxRequestCtx } from "htmx.org";
import { showToast } from "./toasts.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function token(): HTMLMetaElement | null {
  return document.querySelector('meta[name="csrf-token"]');
}

/** Django's mark against forged requests, for writes that come from no form. */
export function addToken(ctx: HtmxRequestCtx): void {
  if (SAFE.has(ctx.request.method)) return;
  const value = token()?.content;
  if (value) ctx.request.headers["X-CSRFToken"] = value;
}

/** What a page asks for by itself, on a timer or when it has loaded, says so: nobody has clicked. */
export function markUnattended(ctx: HtmxRequestCtx): void {
  const { sourceElement } = ctx;
  if (/^\s*(every|load)\b/.test(sourceElement.getAttribute("hx-trigger") ?? "")) {
    ctx.request.headers["X-Gangmu-Unattended"] = "1";
  }
}

/** A fresh mark after the old one expired: into the page and into every form on it. */
export function renewToken(value: string): void {
  token()?.setAttribute("content", value);
  for (const field of document.querySelectorAll<HTMLInputElement>("input[name=csrfmiddlewaretoken]")) {
    field.value = value;
  }
}

/** What is empty, or as it would be anyway (`data-default-NAME`), has no place in the address of a list. */
export function dropEmptyFilters(ctx: HtmxRequestCtx): void {
  const { sourceElement: form } = ctx;
  const { body } = ctx.request;
  if (!form.matches("form[data-list-filters]") || !(body instanceof FormData)) return;
  for (const name of new Set(body.keys())) {
    const kept = body.getAll(name).filter((value) => value !== "");
    body.delete(name);
    if (kept.join(" ") === form.getAttribute(`data-default-${name}`)) continue;
    for (const value of kept) body.append(name, value);
  }
}

/**
 * Whether an answer may be put into the page. Our own errors say where they belong (HX-Retarget), and a form with
 * errors comes as 422; an error page from something in between would overwrite what the user is working on.
 */
export function belongsToPage(ctx: HtmxRequestCtx): boolean {
  const response = ctx.response;
  if (!response || response.status < 400 || response.status === 422) return true;
  return response.headers.has("HX-Retarget");
}

document.addEventListener("htmx:config:request", (event) => {
  addToken(event.detail.ctx);
  markUnattended(event.detail.ctx);
  dropEmptyFilters(event.detail.ctx);
});
document.addEventListener("htmx:before:response", (event) => {
  if (belongsToPage(event.detail.ctx)) return;
  event.preventDefault();
  showToast("strange-answer");
});
document.addEventListener("htmx:error", () => showToast("no-answer"));
document.addEventListener("gangmu:token", (event) => {
  const value = (event as CustomEvent<{ token?: string }>).detail?.token;
  if (value) renewToken(value);
});

export default htmx;
