/** From figures to ECharts' options. Every text that is shown came from the server, rounded and in its language. */
import type { EChartsCoreOption } from "echarts/core";
import { nameOnOutline } from "./areas.ts";
import type { ChartData, Gauge, Lines, MapOfAreas, Mix, Ranking } from "./data.ts";
import { type Theme, toneOf } from "./theme.ts";

type Option = EChartsCoreOption;

export function optionsOf(data: ChartData, theme: Theme, narrow: boolean): Option {
  const base: Option = {
    animationDuration: 300,
    textStyle: { color: theme.text, fontFamily: theme.font },
    aria: { enabled: true },
  };
  switch (data.kind) {
    case "line":
    case "bar":
      return { ...base, ...lines(data, theme, narrow) };
    case "ranking":
      return { ...base, ...ranking(data, theme) };
    case "mix":
      return { ...base, ...mix(data, theme, narrow) };
    case "gauge":
      return { ...base, ...gauge(data, theme, narrow) };
    case "map":
      return { ...base, ...map(data, theme, narrow) };
  }
}

/** Text only: a tooltip of HTML would need inline styles, which the policy of the page forbids. */
function tooltip(theme: Theme, rest: object): object {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: theme.surface,
    borderColor: theme.line,
    textStyle: { color: theme.text, fontSize: 12 },
    ...rest,
  };
}

function withUnit(shown: string, unit: string): string {
  return shown && unit ? `${shown} ${unit}` : shown || "–";
}

/** The room of a grid includes the words at its axes. */
const WITH_WORDS = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

function lines(data: Lines, theme: Theme, narrow: boolean): Option {
  const parts = data.series.some((series) => series.role === "part");
  const alone = data.series.filter((series) => series.role === "main").length === 1;
  const top = data.series.length > 3 ? 52 : data.series.length > 1 ? 34 : 22; // a long legend stands above the unit
  return {
    grid: { left: 4, right: 12, top, bottom: 4, ...WITH_WORDS },
    legend: {
      show: data.series.length > 1,
      top: 0,
      right: 0,
      type: "scroll",
      itemWidth: 14,
      itemHeight: 8,
      textStyle: { color: theme.muted, fontSize: 12 },
    },
    tooltip: tooltip(theme, {
      trigger: "axis",
      axisPointer: { type: data.kind === "bar" ? "shadow" : "line" },
      formatter: (at: Array<{ dataIndex: number; seriesIndex: number }>) => {
        const place = at[0]?.dataIndex ?? 0;
        const rows = at.map(({ seriesIndex }) => {
          const series = data.series[seriesIndex];
          return `${series?.name ?? ""}  ${withUnit(series?.shown[place] ?? "", data.unit)}`;
        });
        return [data.labels[place] ?? "", ...rows].join("\n");
      },
    }),
    xAxis: {
      type: "category",
      data: data.labels,
      boundaryGap: data.kind === "bar",
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.muted, fontSize: 11, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      name: data.unit,
      scale: data.kind === "line" && !parts,
      splitNumber: narrow ? 3 : 4,
      nameTextStyle: { color: theme.muted, fontSize: 11, align: "left", padding: [0, 0, 0, -4] },
      axisLabel: { color: theme.muted, fontSize: 11 },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: data.series.map((series, place) => {
      const before = series.role === "before";
      const colour = before ? theme.muted : toneOf(theme, series.tone, place);
      const drawn = series.role === "part" || data.kind === "bar" ? "bar" : "line";
      return {
        type: before && !parts ? (data.kind === "bar" ? "bar" : "line") : drawn,
        name: series.name,
        data: series.values,
        ...(series.role === "part" ? { stack: "parts" } : {}),
        itemStyle: { color: colour, ...(before ? { opacity: 0.45 } : {}) },
        lineStyle: { width: before ? 1.5 : 2.5, type: before ? "dashed" : "solid" },
        barMaxWidth: 26,
        showSymbol: false,
        smooth: 0.15,
        ...(series.role === "main" && data.kind === "line" && alone ? { areaStyle: { opacity: 0.08 } } : {}),
        connectNulls: false,
      };
    }),
  };
}

/** Pixels for the longest of texts of 12 pixels beside a bar. */
function room(texts: string[]): number {
  return 14 + 7.2 * Math.max(3, ...texts.map((text) => text.length));
}

function ranking(data: Ranking, theme: Theme): Option {
  return {
    grid: { left: 4, right: room(data.rows.map((row) => row.shown)), top: 4, bottom: 4, ...WITH_WORDS },
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const row = data.rows[dataIndex];
        return row ? `${dataIndex + 1}  ${row.name}\n${withUnit(row.shown, data.unit)}` : "";
      },
    }),
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: {
      type: "category",
      inverse: true,
      data: data.rows.map((row) => row.name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: theme.text, fontSize: 12, width: 110, overflow: "truncate" },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 14,
        showBackground: true,
        backgroundStyle: { color: theme.line, opacity: 0.4, borderRadius: 3 },
        itemStyle: { color: theme.tones.primary, borderRadius: 3 },
        label: {
          show: true,
          position: "right",
          color: theme.text,
          fontSize: 12,
          formatter: ({ dataIndex }: { dataIndex: number }) => data.rows[dataIndex]?.shown ?? "",
        },
        data: data.rows.map((row) => row.value),
      },
    ],
  };
}

function mix(data: Mix, theme: Theme, narrow: boolean): Option {
  return {
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: ({ dataIndex, percent }: { dataIndex: number; percent: number }) => {
        const part = data.parts[dataIndex];
        return part ? `${part.name}\n${withUnit(part.shown, data.unit)}  ${percent} %` : "";
      },
    }),
    title: {
      text: data.total,
      subtext: data.unit,
      left: narrow ? "49%" : "29%",
      top: narrow ? "30%" : "40%",
      textAlign: "center",
      textStyle: { color: theme.text, fontSize: narrow ? 16 : 18, fontWeight: 600 },
      subtextStyle: { color: theme.muted, fontSize: 12 },
    },
    legend: {
      type: "scroll",
      ...(narrow ? { bottom: 0, left: "center" } : { orient: "vertical", right: 8, top: "middle" }),
      textStyle: { color: theme.text, fontSize: 12 },
      itemWidth: 12,
      itemHeight: 12,
    },
    series: [
      {
        type: "pie",
        radius: narrow ? ["44%", "66%"] : ["54%", "80%"],
        center: narrow ? ["50%", "40%"] : ["30%", "50%"],
        label: { show: false },
        itemStyle: { borderColor: theme.surface, borderWidth: 2 },
        data: data.parts.map((part, place) => ({
          name: part.name,
          value: part.value ?? 0,
          itemStyle: { color: toneOf(theme, part.tone, place) },
        })),
      },
    ],
  };
}

function gauge(data: Gauge, theme: Theme, narrow: boolean): Option {
  return {
    series: [
      {
        type: "gauge",
        startAngle: 200,
        endAngle: -20,
        min: 0,
        max: data.max,
        radius: "96%",
        center: ["50%", "62%"],
        progress: {
          show: data.figure.value !== null,
          width: 14,
          roundCap: true,
          itemStyle: { color: theme.tones.primary },
        },
        axisLine: { lineStyle: { width: 14, color: [[1, theme.line]] }, roundCap: true },
        pointer: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { show: false },
        title: { offsetCenter: [0, "38%"], color: theme.muted, fontSize: 12 },
        detail: {
          offsetCenter: [0, "-4%"],
          color: theme.text,
          fontSize: narrow ? 20 : 26,
          fontWeight: 600,
          formatter: () => withUnit(data.figure.shown, data.unit),
        },
        data: [
          {
            value: Math.max(0, Math.min(data.figure.value ?? 0, data.max)),
            name: data.before ? data.before.shown : data.name,
          },
        ],
      },
    ],
  };
}

function map(data: MapOfAreas, theme: Theme, narrow: boolean): Option {
  const known = data.areas.flatMap(({ value }) => (value === null ? [] : [value]));
  const areas = new Map(data.areas.map((area) => [nameOnOutline(data.area, area.code), area]));
  return {
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (at: { seriesType: string; name: string; dataIndex: number }) => {
        const one = at.seriesType === "map" ? areas.get(at.name) : data.points[at.dataIndex];
        return one ? `${one.name}\n${withUnit(one.shown, data.unit)}` : at.name;
      },
    }),
    visualMap: {
      show: !narrow && known.length > 1,
      type: "continuous",
      min: 0,
      max: Math.max(1, ...known),
      left: 4,
      bottom: 4,
      itemHeight: 80,
      itemWidth: 10,
      text: [data.unit, ""],
      textStyle: { color: theme.muted, fontSize: 11 },
      inRange: { color: [`${theme.tones.primary}22`, theme.tones.primary] },
      seriesIndex: 0,
      calculable: false,
    },
    geo: {
      map: data.area,
      roam: false,
      ...(data.bounds
        ? { boundingCoords: data.bounds, left: 8, right: 8, top: 8, bottom: 8 }
        : {
            layoutCenter: ["50%", data.area === "china" ? "55%" : "50%"],
            layoutSize: data.area === "china" ? "106%" : "92%",
          }),
      itemStyle: { areaColor: theme.surface, borderColor: theme.muted, borderWidth: 0.5 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: theme.line } },
      silent: true,
    },
    series: [
      {
        type: "map",
        geoIndex: 0,
        name: data.name,
        data: [...areas].map(([name, { value }]) => ({ name, value: value ?? Number.NaN })),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        data: data.points.map((point) => ({
          name: point.name,
          value: [...point.at, point.value ?? 0],
          symbolSize: point.size,
          itemStyle: {
            color: toneOf(theme, point.tone, 0),
            opacity: 0.75,
            borderColor: theme.surface,
            borderWidth: 0.5,
          },
        })),
      },
    ],
  };
}
