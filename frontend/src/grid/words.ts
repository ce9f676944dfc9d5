/**
 * Texts of the grid, as the server gave them in the user's language. `{n}` and the like are filled in here; a text for
 * one thing has " 1" behind its name.
 */
export class Words {
  private readonly texts: Record<string, string>;

  constructor(json: string | undefined) {
    this.texts = JSON.parse(json ?? "{}");
  }

  say(name: string, values: Record<string, string | number> = {}): string {
    const text = (values.n === 1 ? this.texts[`${name} 1`] : undefined) ?? this.texts[name] ?? name;
    return text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));
  }
}

const BUSINESS_TIME = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
});

/** An instant on the business clock, as 07:30. */
export function timeOfDay(milliseconds: number): string {
  return BUSINESS_TIME.format(milliseconds);
}
