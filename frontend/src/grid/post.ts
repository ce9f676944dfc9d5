/** One exchange with the server, as the rest of the pages do it: our token, our errors, a session that may have ended. */
import { renewToken } from "../htmx.ts";
import type { SheetAnswer } from "./book.ts";
import { readFinding, readStored, type WireCell, type WireFinding } from "./page.ts";
import type { Reply, Request } from "./sync.ts";

const LONG = 1500;
const GIVE_UP = 45_000;
const LARGEST_FAREWELL = 60_000; // browsers send no more than 64 KB for a page that has gone

interface WireSheet {
  id: number;
  version: number;
  editable: boolean;
  refused?: string;
  cells?: WireCell[];
  conflicts?: WireCell[];
  findings?: WireFinding[];
}

function readSheet(wire: WireSheet): SheetAnswer {
  const read = (cell: WireCell) => ({ key: cell[0], ...readStored(cell) });
  return {
    id: wire.id,
    version: wire.version,
    editable: wire.editable,
    refused: wire.refused ?? "",
    cells: (wire.cells ?? []).map(read),
    conflicts: (wire.conflicts ?? []).map(read),
    findings: wire.findings?.map((one) => ({ ...readFinding(one), keys: one[4] })) ?? null,
  };
}

/** A slow line gains most by what is not sent: 1,200 cells are 30 KB as text and 5 KB packed. */
async function packed(text: string): Promise<{ body: BodyInit; headers: Record<string, string> }> {
  if (text.length < LONG || typeof CompressionStream === "undefined") return { body: text, headers: {} };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return { body: await new Response(stream).arrayBuffer(), headers: { "Content-Encoding": "gzip" } };
}

function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** The sentence of an error that came as a toast. */
function sentence(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  return (page.querySelector(".toast")?.textContent ?? "").replace(/\s+/g, " ").trim();
}

export function poster(address: string, account: string): (request: Request) => Promise<Reply> {
  async function ask(request: Request): Promise<Response> {
    const { body, headers } = await packed(JSON.stringify({ account, ...request }));
    const size = typeof body === "string" ? body.length * 3 : (body as ArrayBuffer).byteLength;
    return fetch(address, {
      method: "POST",
      body,
      headers: {
        ...headers,
        "Content-Type": "application/json",
        "X-CSRFToken": token(),
        "HX-Request": "true", // errors come as short messages, and no redirect is followed
      },
      redirect: "manual",
      keepalive: document.visibilityState === "hidden" && size < LARGEST_FAREWELL,
      signal: AbortSignal.timeout(GIVE_UP),
    });
  }

  async function post(request: Request, again = true): Promise<Reply> {
    const response = await ask(request);
    if (response.ok) {
      const answer: { sheets: WireSheet[] } = await response.json();
      return { kind: "answer", sheets: answer.sheets.map(readSheet) };
    }
    const fresh = freshToken(response);
    if (fresh && again) {
      renewToken(fresh);
      return post(request, false);
    }
    if (response.status >= 500 || response.status === 429) return { kind: "no-line" };
    const message = sentence(await response.text());
    return { kind: response.status === 401 ? "signed-out" : "refused", message };
  }

  // No answer, half an answer, or a page that something in between put there: the line is not there.
  return (request) => post(request).catch((): Reply => ({ kind: "no-line" }));
}

function freshToken(response: Response): string {
  if (response.status !== 403) return "";
  return JSON.parse(response.headers.get("HX-Trigger") ?? "{}")["gangmu:token"]?.token ?? "";
}
