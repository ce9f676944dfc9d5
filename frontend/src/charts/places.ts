/** Maps put together again from what changes with the period and what the page holds once. */
import type { ChartData, MapPoint, SentMap } from "./data.ts";

export type Place = [code: string, name: string, longitude: number, latitude: number, size: number];

const TONES = ["green", "orange", "red", "gray"];

/** The chart with all its points; null where the page does not hold their places any more: it is to be loaded anew. */
export function completed(data: ChartData | SentMap, page: ParentNode = document): ChartData | null {
  if (data.kind !== "map" || !("places" in data)) return data as ChartData;
  const kept = page.querySelector<HTMLElement>(`[data-places="${CSS.escape(data.places)}"]`);
  if (!kept) return null;
  const places = JSON.parse(kept.dataset.rows ?? "[]") as Place[];
  const shown = data.shown.split(";");
  return { ...data, points: places.map((place, at) => point(data, place, data.tones[at] ?? "", shown[at] ?? "")) };
}

function point(data: SentMap, place: Place, tone: string, shown: string): MapPoint {
  const [code, name, longitude, latitude, size] = place;
  const url = code === data.own ? "" : data.home.replace("{code}", encodeURIComponent(code));
  return { name, at: [longitude, latitude], size, tone: TONES[Number(tone)] ?? "red", value: null, shown, url };
}
