/** Bringing what was typed to the server, over a line that may be slow or away, and bringing others' changes here. */
import type { Book, SheetAnswer } from "./book.ts";

export type Line = "idle" | "saving" | "offline" | "signed-out" | "refused";

export interface Request {
  sheets: Array<{
    id: number;
    seen: number;
    key: string;
    edits: Array<[key: string, text: string, mark: number, base: number]>;
  }>;
}

export type Reply =
  | { kind: "answer"; sheets: SheetAnswer[] }
  | { kind: "no-line" }
  | { kind: "signed-out"; message: string }
  | { kind: "refused"; message: string };

export interface Timing {
  pause: number;
  look: number;
  longest: number;
}

export const TIMING: Timing = { pause: 900, look: 20_000, longest: 60_000 };

export class Sync {
  line: Line = "idle";
  message = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly book: Book,
    private readonly post: (request: Request) => Promise<Reply>,
    private readonly changed: (touched: Set<string>) => void,
    private readonly newKey: () => string,
    private readonly timing: Timing = TIMING,
  ) {}

  /** Something was typed: send it after a short pause, together with what follows. */
  wake(): void {
    if (this.line === "idle" || this.line === "refused") this.later(this.timing.pause);
  }

  /** Send now: the line is back, the page comes to the front, or somebody waits for it. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.running = this.running.then(() => this.exchange());
    await this.running;
  }

  /** Look for others' changes from time to time. */
  watch(): void {
    this.later(this.timing.look);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), milliseconds);
  }

  private request(): Request {
    const sheets = [...this.book.sheets.values()].map((sheet) => {
      const leaving = this.book.send(sheet, this.newKey());
      const edits = leaving.map((cell): [string, string, number, number] => {
        const { text, mark, base } = cell.sent ?? { ...cell.server, base: cell.server.version };
        return [cell.key, text, mark, base];
      });
      return { id: sheet.id, seen: sheet.version, key: sheet.sentKey, edits };
    });
    return { sheets };
  }

  private async exchange(): Promise<void> {
    const request = this.request();
    const sending = request.sheets.some((sheet) => sheet.edits.length > 0);
    if (sending && this.line !== "offline") this.line = "saving";
    if (sending) this.changed(new Set(request.sheets.flatMap((sheet) => sheet.edits.map(([key]) => key))));
    const reply = await this.post(request);
    const touched = new Set<string>();
    if (reply.kind === "answer") {
      this.failures = 0;
      this.message = reply.sheets.find((sheet) => sheet.refused)?.refused ?? "";
      this.line = this.message ? "refused" : "idle";
      for (const answer of reply.sheets) for (const key of this.book.take(answer)) touched.add(key);
      this.later(this.waiting() ? this.timing.pause : this.timing.look);
    } else if (reply.kind === "no-line") {
      this.failures++;
      this.line = "offline";
      this.later(Math.min(this.timing.longest, 1000 * 2 ** Math.min(this.failures, 10)));
    } else {
      for (const { id, edits } of request.sheets) {
        const sheet = this.book.sheets.get(id);
        if (sheet) this.book.takeBack(sheet);
        for (const [key] of edits) touched.add(key);
      }
      this.line = reply.kind;
      this.message = reply.message;
      this.later(this.timing.longest);
    }
    this.changed(touched);
  }

  /** Whether something typed has not been sent. */
  private waiting(): boolean {
    for (const cell of this.book.cells.values()) if (cell.edit && !cell.theirs && !cell.readonly) return true;
    return false;
  }
}
