/** Blocks of cells as Excel, WPS and LibreOffice put them on the clipboard: tab-separated text with quotes. */

/** Reads one quoted cell that begins at `start`; null where the quote is never closed, or closed inside a text. */
function quoted(text: string, start: number): { value: string; end: number } | null {
  let value = "";
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== '"') value += text[i];
    else if (text[i + 1] === '"') {
      value += '"';
      i++;
    } else {
      const after = text[i + 1];
      return after === undefined || after === "\t" || after === "\n" ? { value, end: i + 1 } : null;
    }
  }
  return null;
}

/** A cell holds one line: breaks and odd blanks inside it become spaces. */
function tidy(value: string): string {
  return value.replace(/[\s\u00a0\u3000]+/g, " ").trim();
}

/** Rows of cells. A trailing line break, as every spreadsheet adds, makes no row of its own. */
export function parseBlock(given: string): string[][] {
  const text = given
    .replace(/^\ufeff/, "")
    .replace(/\r\n?/g, "\n")
    .replace(/\n$/, "");
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    const cell = text[at] === '"' ? quoted(text, at) : null;
    if (cell) {
      row.push(tidy(cell.value));
      at = cell.end;
    } else {
      const length = text.slice(at).search(/[\t\n]/);
      const end = length < 0 ? text.length : at + length;
      row.push(tidy(text.slice(at, end)));
      at = end;
    }
    if (at < text.length && text[at] === "\t") {
      at++;
      continue;
    }
    rows.push(row);
    row = [];
    if (at >= text.length) return rows;
    at++;
  }
}

/** The same the other way round; quotes only where a spreadsheet needs them. */
export function writeBlock(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) => (/^"|[\t\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map(cell).join("\t")).join("\r\n");
}
