// @vitest-environment node
import { init } from "echarts/core";
import { describe, expect, it } from "vitest";
import { learn, outlineOf } from "../src/charts/areas.ts";
import type { ChartData, MapOfAreas } from "../src/charts/data.ts";
import "../src/charts/drawing.ts";
import { urlOf } from "../src/charts/index.ts";
import { optionsOf } from "../src/charts/options.ts";
import { themeOf } from "../src/charts/theme.ts";

const theme = themeOf(null);

function drawn(data: ChartData, narrow = false): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 800, height: 600 });
  chart.setOption({ ...optionsOf(data, theme, narrow), animation: false });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const china: MapOfAreas = {
  kind: "map",
  area: "china",
  unit: "MWh",
  name: "Generation",
  areas: [{ code: "320000", name: "Jiangsu", value: 10, shown: "10.0", url: "/boards/R1/" }],
  points: [{ name: "Plant", at: [118.8, 32], size: 6, tone: "red", value: 3, shown: "3.0", url: "/boards/P1/" }],
};

interface Area {
  name: string;
  geometries: unknown[];
}

describe("the country's map", () => {
  it("holds Taiwan and the South China Sea islands", async () => {
    await learn("china");
    const chart = init(null, null, { renderer: "svg", ssr: true, width: 800, height: 600 });
    chart.setOption({ ...optionsOf(china, theme, false), animation: false });
    const model = (chart as unknown as { getModel(): { getComponent(name: string): unknown } }).getModel();
    const geo = (model.getComponent("geo") as { coordinateSystem: { regions: Area[] } }).coordinateSystem;
    const names = geo.regions.map((region) => region.name);
    expect(names).toContain("台湾");
    const islands = geo.regions.find((region) => region.name === "南海诸岛");
    expect(islands?.geometries.length).toBeGreaterThan(10);
    expect(names.length).toBe(35);
    expect(chart.renderToSVGString()).toContain("<path");
  });

  it("knows every province", async () => {
    for (const area of ["jiangsu", "taiwan", "xinjiang", "shanxi1"]) expect(await outlineOf(area)).not.toBeNull();
    expect(await outlineOf("atlantis")).toBeNull();
  });
});

describe("charts", () => {
  const charts: ChartData[] = [
    {
      kind: "line",
      unit: "MWh",
      labels: ["1", "2"],
      series: [
        { name: "This year", values: [1, null], shown: ["1.0", ""], role: "main" },
        { name: "Last year", values: [2, 3], shown: ["2.0", "3.0"], role: "before" },
      ],
    },
    { kind: "bar", unit: "h", labels: ["a"], series: [{ name: "A", values: [1], shown: ["1"], role: "part" }] },
    { kind: "ranking", unit: "MWh", rows: [{ name: "Alpha", value: 3, shown: "3.0", url: "/a/" }] },
    { kind: "mix", unit: "MWh", total: "5.0", parts: [{ name: "Coal", value: 5, shown: "5.0", url: "/coal/" }] },
    { kind: "gauge", unit: "%", name: "Load", max: 100, figure: { value: 70, shown: "70.00" } },
  ];

  it.each(charts)("draws a $kind, wide and narrow", (data) => {
    for (const narrow of [false, true]) expect(drawn(data, narrow)).toContain("<svg");
  });

  it("leads to what was clicked", () => {
    expect(urlOf(china, { seriesType: "map", dataIndex: 5, name: "江苏" })).toBe("/boards/R1/");
    expect(urlOf(china, { seriesType: "scatter", dataIndex: 0, name: "Plant" })).toBe("/boards/P1/");
    expect(urlOf(china, { seriesType: "map", dataIndex: 5, name: "西藏" })).toBe("");
    expect(urlOf(charts[2] as ChartData, { dataIndex: 0, name: "Alpha" })).toBe("/a/");
    expect(urlOf(charts[3] as ChartData, { dataIndex: 0, name: "Coal" })).toBe("/coal/");
  });

  it("shows the server's texts, and none of its own", () => {
    expect(drawn(charts[2] as ChartData)).toContain("3.0");
    expect(drawn(charts[3] as ChartData)).toContain("5.0");
    expect(drawn(charts[4] as ChartData)).toContain("70.00 %");
  });
});
