import { describe, expect, it } from "vitest";
import type { SentMap } from "../src/charts/data.ts";
import { completed } from "../src/charts/places.ts";

const sent: SentMap = {
  kind: "map",
  area: "china",
  unit: "MWh",
  name: "Generation",
  areas: [],
  places: "0011",
  tones: "02",
  shown: "1,200.0;",
  home: "/home/{code}/?period=2026-11",
  own: "B 1",
};

function page(digest: string): HTMLElement {
  const element = document.createElement("div");
  const kept = document.createElement("template");
  kept.dataset.places = digest;
  kept.dataset.rows = JSON.stringify([
    ["A/1", "Alpha", 118.8, 32, 9],
    ["B 1", "Beta", 100, 30, 5],
  ]);
  element.append(kept);
  return element;
}

describe("points of a map", () => {
  it("are put together from the page and from what changes", () => {
    const map = completed(sent, page("0011"));
    if (map?.kind !== "map") throw new Error("no map");
    expect(map.points[0]).toEqual({
      name: "Alpha",
      at: [118.8, 32],
      size: 9,
      tone: "green",
      value: null,
      shown: "1,200.0",
      url: "/home/A%2F1/?period=2026-11",
    });
    expect(map.points[1]).toMatchObject({ name: "Beta", tone: "red", url: "" });
  });

  it("are not guessed where the page holds other places", () => {
    expect(completed(sent, page("2233"))).toBeNull();
  });
});
