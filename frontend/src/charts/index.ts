/** A chart: `<figure data-chart="…">` with what it shows as JSON, drawn when it comes into view. What stands inside says
 *  the same in words and stays for those who read or print. */
import { learn, nameOnOutline } from "./areas.ts";
import type { ChartData, SentMap } from "./data.ts";
import { init } from "./drawing.ts";
import { optionsOf } from "./options.ts";
import { completed } from "./places.ts";
import { themeOf } from "./theme.ts";

const NARROW = 420;
const LEAST = 24; // px; margins of a map are 16

export function chart(element: HTMLElement): void {
  const sent = JSON.parse(element.dataset.chart ?? "null") as ChartData | SentMap | null;
  if (!sent) return;
  const data = completed(sent);
  if (!data) {
    location.reload(); // places have changed since the page was loaded
    return;
  }
  drawWhenSeen(element, data);
}

function drawWhenSeen(element: HTMLElement, data: ChartData): void {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    void draw(element, data);
  });
  seen.observe(element);
}

async function draw(element: HTMLElement, data: ChartData): Promise<void> {
  if (data.kind === "map") await learn(data.area, element.dataset.outline);
  if (!element.isConnected) return; // the page has gone on meanwhile
  const canvas = document.createElement("div");
  canvas.className = "chart-canvas";
  canvas.setAttribute("aria-hidden", "true"); // the words say it
  element.append(canvas);
  let drawn: ReturnType<typeof init> | null = null;
  let narrow = false;
  const show = () => drawn?.setOption(optionsOf(data, themeOf(element), narrow), true);
  // A map breaks where it has no room in either direction: while its tile is dragged, folded or not laid out yet.
  new ResizeObserver(() => {
    if (!element.isConnected) return drawn?.dispose();
    if (canvas.clientWidth < LEAST || canvas.clientHeight < LEAST) return;
    const was = narrow;
    narrow = canvas.clientWidth < NARROW;
    if (!drawn) {
      drawn = init(canvas, null, { renderer: "svg" });
      drawn.on("click", (event) => {
        const url = urlOf(data, event as { seriesType?: string; dataIndex: number; name: string });
        if (url) location.assign(url);
      });
      show();
      element.setAttribute("data-drawn", "");
      return;
    }
    drawn.resize();
    if (narrow !== was) show();
  }).observe(canvas);
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
}

/** Where a click on a part of a chart leads. */
export function urlOf(data: ChartData, at: { seriesType?: string; dataIndex: number; name: string }): string {
  switch (data.kind) {
    case "line":
    case "bar":
      return data.urls?.[at.dataIndex] ?? "";
    case "ranking":
      return data.rows[at.dataIndex]?.url ?? "";
    case "mix":
      return data.parts[at.dataIndex]?.url ?? "";
    case "gauge":
      return data.figure.url ?? "";
    case "map":
      if (at.seriesType === "scatter") return data.points[at.dataIndex]?.url ?? "";
      return data.areas.find((area) => nameOnOutline(data.area, area.code) === at.name)?.url ?? "";
  }
}
