/** Numbers as people type them, exactly: for comparing two entries and for the sum of a selection. */

interface Exact {
  digits: bigint;
  decimals: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** Full-width digits and signs, blanks and thousands separators taken out. What the server reads is the server's. */
export function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\s,]/g, "")
    .replace(/[\u2212\u2013]/g, "-");
}

export function exact(text: string): Exact | null {
  const match = NUMBER.exec(plain(text));
  const [, sign = "", whole = "", part = ""] = match ?? [];
  if (!match || whole + part === "") return null;
  const digits = BigInt(whole + part);
  return { digits: sign === "-" ? -digits : digits, decimals: part.length };
}

function scaled({ digits, decimals }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(to - decimals);
}

function written(digits: bigint, decimals: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, "0");
  const whole = text.slice(0, text.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${digits < 0n ? "\u2212" : ""}${whole}${decimals ? `.${text.slice(-decimals)}` : ""}`;
}

/** Whether two entries are the same figure, however it was typed: 1,200 and 1200.0. */
export function sameFigure(one: string, other: string): boolean {
  if (plain(one) === plain(other)) return true;
  const [a, b] = [exact(one), exact(other)];
  if (!a || !b) return false;
  const decimals = Math.max(a.decimals, b.decimals);
  return scaled(a, decimals) === scaled(b, decimals);
}

/** What one entry is more than another, with a sign; empty where either is no number. */
export function difference(one: string, other: string): string {
  const [a, b] = [exact(one), exact(other)];
  if (!a || !b) return "";
  const decimals = Math.max(a.decimals, b.decimals);
  const digits = scaled(a, decimals) - scaled(b, decimals);
  return digits > 0n ? `+${written(digits, decimals)}` : written(digits, decimals);
}

export interface Totals {
  count: number;
  sum: string;
  mean: string;
}

/** Count, sum and mean of the numbers among `texts`; the mean with two more decimals than the finest, half up. */
export function totals(texts: Iterable<string>): Totals | null {
  const numbers = [...texts].map(exact).filter((one) => one !== null);
  if (numbers.length === 0) return null;
  const decimals = Math.max(...numbers.map((one) => one.decimals));
  const sum = numbers.reduce((all, one) => all + scaled(one, decimals), 0n);
  const count = BigInt(numbers.length);
  const fine = sum * 100n * 2n;
  const half = fine < 0n ? -count : count;
  const mean = (fine + half) / (2n * count);
  return { count: numbers.length, sum: written(sum, decimals), mean: written(mean, decimals + 2) };
}
