/** What the server says of a chart: figures and words, never how to draw them. */

/** A figure as the page shows it, beside the number that places it; null where there is none. */
export interface Shown {
  value: number | null;
  shown: string;
  url?: string;
}

export interface Series {
  name: string;
  values: Array<number | null>;
  shown: string[];
  /** `main` is the figure itself, `before` what it is compared with, `part` one of several that add up. */
  role: "main" | "before" | "part";
  tone?: string;
}

export interface Lines {
  kind: "line" | "bar";
  unit: string;
  labels: string[];
  series: Series[];
  urls?: string[];
}

export interface Ranking {
  kind: "ranking";
  unit: string;
  rows: Array<Shown & { name: string }>;
}

export interface Mix {
  kind: "mix";
  unit: string;
  total: string;
  parts: Array<Shown & { name: string; tone?: string }>;
}

export interface Gauge {
  kind: "gauge";
  unit: string;
  name: string;
  max: number;
  figure: Shown;
  before?: Shown;
}

export interface MapOfAreas {
  kind: "map";
  /** `china`, or the name of a province's file. */
  area: string;
  /** North-west and south-east corners of the part that is shown; without them all of it. */
  bounds?: [[number, number], [number, number]];
  unit: string;
  name: string;
  /** Figures by the area's division code (GB/T 2260). */
  areas: Array<Shown & { code: string; name: string }>;
  points: MapPoint[];
}

export type MapPoint = Shown & { name: string; at: [number, number]; size: number; tone: string };

/** A map as a page sends it. Where its points are, what they are called and how large they are stands in the page once,
 *  under the digest `places`: what changes with the period are tones and figures, in the same order. */
export interface SentMap extends Omit<MapOfAreas, "points"> {
  places: string;
  /** A digit for each place: 0 approved, 1 provisional, 2 not reported, 3 files others. */
  tones: string;
  /** The figures of all places, with `;` between them. */
  shown: string;
  /** Where a point leads, with `{code}` in its place; nowhere from the page of `own`. */
  home: string;
  own: string;
}

export type ChartData = Lines | Ranking | Mix | Gauge | MapOfAreas;
