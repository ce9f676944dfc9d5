/** What an editor needs to know of formulas: their words, the word that is being written, and what may be meant. */

export interface Name {
  code: string;
  zh: string;
  en: string;
  unit: string;
  keys: string[];
  function?: boolean;
}

export interface Word {
  kind: "number" | "unit" | "function" | "code" | "name" | "sign" | "space" | "strange";
  text: string;
  start: number;
}

const WORDS =
  /(?<space>\s+)|(?<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?<unit>\[[^[\]\n]*\]?)|(?<code>[A-Za-z_][A-Za-z0-9_.]*)|(?<name>「[^「」\n]*」?)|(?<sign><=|>=|<>|[-+*/(),<>=])|(?<strange>[\s\S])/gu;
const FUNCTIONS = new Set("if round abs min max total prior year_ago yoy ytd mtd last".split(" "));
const WRITTEN = /(?:「[^「」\n]*|[\p{Script=Han}A-Za-z_][\p{Script=Han}A-Za-z0-9_.·（）]*)$/u;
const MOST = 8;

/** The words of a formula; only to paint them, the server reads it. */
export function words(text: string): Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(WORDS)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ["strange"];
    const isFunction = kind === "code" && FUNCTIONS.has(match[0].toLowerCase());
    found.push({ kind: isFunction ? "function" : (kind as Word["kind"]), text: match[0], start: match.index });
  }
  return found;
}

/** The word that ends at the caret: where it begins, and what is looked for. */
export function written(text: string, caret: number): { start: number; asked: string } | null {
  const match = WRITTEN.exec(text.slice(0, caret));
  if (!match) return null;
  return { start: match.index, asked: match[0].replace("「", "").toLowerCase() };
}

/** What may be meant, the nearest first: what begins like it before what has it inside. */
export function offers(names: Name[], asked: string): Name[] {
  if (!asked) return [];
  const rank = (name: Name): number => {
    if (name.code.toLowerCase() === asked || name.zh === asked) return 0;
    if (name.keys.some((key) => key.toLowerCase().startsWith(asked))) return 1;
    return name.keys.some((key) => key.toLowerCase().includes(asked)) ? 2 : 3;
  };
  return names
    .map((name) => ({ name, rank: rank(name) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.name.code.length - b.name.code.length || (a.name.code < b.name.code ? -1 : 1))
    .slice(0, MOST)
    .map((one) => one.name);
}

/** How a name is written into a formula: by its Chinese name where that is unambiguous, else by its code. */
export function inserted(name: Name, names: Name[], chinese: boolean): string {
  if (name.function) return `${name.code}(`;
  const alone = names.filter((other) => other.zh === name.zh || other.en === name.zh).length === 1;
  const isCapacity = name.code.startsWith("capacity_mw");
  return chinese && alone && !isCapacity && name.zh ? `「${name.zh}」` : name.code;
}

/** Where line and column (both from 1, in characters as the server counts them) stand in a text. */
export function position(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const inLine = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("");
  return before + inLine.length;
}
