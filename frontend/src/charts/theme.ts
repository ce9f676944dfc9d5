/** Colours of the page, read where the chart stands, so that both themes and a changed one are followed. */

export interface Theme {
  /** The page's own fonts by name: words are measured before they are drawn. */
  font: string;
  text: string;
  muted: string;
  line: string;
  surface: string;
  tones: Record<string, string>;
  palette: string[];
}

const TONES = [
  "primary",
  "azure",
  "indigo",
  "teal",
  "green",
  "lime",
  "yellow",
  "orange",
  "red",
  "cyan",
  "purple",
  "gray",
];
// Fallbacks where no style sheet is loaded (tests, drawing on the server).
const FALLBACK: Record<string, string> = {
  primary: "#066fd1",
  azure: "#4299e1",
  indigo: "#4263eb",
  teal: "#0ca678",
  green: "#2fb344",
  lime: "#74b816",
  yellow: "#f59f00",
  orange: "#f76707",
  red: "#d63939",
  cyan: "#17a2b8",
  purple: "#ae3ec9",
  gray: "#6b7280",
};

export function themeOf(element: HTMLElement | null): Theme {
  const style = element ? getComputedStyle(element) : null;
  const read = (name: string, otherwise: string) => style?.getPropertyValue(name).trim() || otherwise;
  const tones = Object.fromEntries(TONES.map((tone) => [tone, read(`--chart-${tone}`, FALLBACK[tone] ?? "#6b7280")]));
  return {
    font: style?.fontFamily || "sans-serif",
    text: read("--chart-text", "#1f2937"),
    muted: read("--chart-muted", "#6b7280"),
    line: read("--chart-line", "#e5e7eb"),
    surface: read("--chart-surface", "#ffffff"),
    tones,
    palette: ["primary", "teal", "orange", "purple", "yellow", "cyan", "lime", "red"].map((tone) => tones[tone] ?? ""),
  };
}

export function toneOf(theme: Theme, tone: string | undefined, place: number): string {
  return (tone && theme.tones[tone]) || theme.palette[place % theme.palette.length] || theme.text;
}
