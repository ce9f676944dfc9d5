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

/** A colour of the style sheet as ECharts can calculate with it: `oklch(…)` and `light-dark(…)` are painted and read. */
function painted(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name}, transparent)`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const canvas = document.createElement("canvas").getContext?.("2d", { willReadFrequently: true });
  if (!canvas) return "";
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
  if (alpha === 255) return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  return alpha ? `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})` : "";
}

export function themeOf(element: HTMLElement | null): Theme {
  const style = element ? getComputedStyle(element) : null;
  const named = (name: string) => Boolean(style?.getPropertyValue(name).trim());
  const read = (name: string, otherwise: string) => (element && named(name) && painted(element, name)) || otherwise;
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
