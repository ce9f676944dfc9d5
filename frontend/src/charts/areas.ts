/**
 * Outlines of areas. China's must be registered as `china`: under that name alone ECharts draws the islands of the
 * South China Sea 南海诸岛 besides. An installation may serve an outline of its own, with its approval number 审图号.
 */
import { getMap, registerMap } from "echarts/core";

type Outline = Parameters<typeof registerMap>[1];
type Load = () => Promise<{ default: unknown }>;

const PROVINCES = import.meta.glob<{ default: unknown }>("../../outlines/provinces/*.json") as Record<string, Load>;

export async function outlineOf(area: string): Promise<unknown> {
  if (area === "china") return (await import("../../outlines/china.json")).default;
  const load = Object.entries(PROVINCES).find(([path]) => path.endsWith(`/${area}.json`))?.[1];
  return load ? (await load()).default : null;
}

interface Feature {
  id?: string | number;
  properties: { name: string; id?: string | number; adcode?: string | number };
}

const names = new Map<string, Map<string, string>>();

/** Makes an area known to ECharts; `own` is the address of an outline that replaces the shipped one. */
export async function learn(area: string, own?: string): Promise<void> {
  if (getMap(area)) return;
  const outline = own ? await (await fetch(own)).json() : await outlineOf(area);
  if (!outline) return;
  const features = (outline as { features: Feature[] }).features;
  const codes = features.map(({ id, properties }) => String(id ?? properties.adcode ?? properties.id ?? ""));
  names.set(area, new Map(codes.map((code, place) => [code, features[place]?.properties.name ?? ""])));
  registerMap(area, outline as Outline);
}

/** What the part of an area with a division code is called on its outline; ECharts knows parts by that name. */
export function nameOnOutline(area: string, code: string): string {
  return names.get(area)?.get(code) ?? "";
}
