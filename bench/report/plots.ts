/** Plots as SVG, drawn by Apache ECharts without a browser. */
import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { BarPlot, CurvePlot, Plot } from "./report.ts";

echarts.use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  SVGRenderer,
]);

const WIDTH = 960;
const CURVES_HEIGHT = 480;
const BAR_HEIGHT = 22;
const BARS_BESIDES = 110;
/** Width of a letter of an axis label: there is no font to measure. */
const LETTER = 7.4;
/** Okabe and Ito's colours, which colour-blind readers can tell apart. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const LINE = { symbol: "none", lineStyle: { color: "#d55e00", width: 2 }, animation: false };

/** Three digits that count; no exponent for what people read. */
export function short(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 6) });
}

const titleOf = (text: string) => ({ text, left: 0, textStyle: { fontSize: 15 } });
const axisType = (logarithmic: boolean | undefined) => (logarithmic ? "log" : "value");

function barsOption({ title, unit, bars, line, logarithmic }: BarPlot): object {
  const mark = line && {
    ...LINE,
    data: [{ xAxis: line.value }],
    label: { formatter: line.label, position: "start" },
  };
  const widest = Math.max(...bars.map(({ label }) => label.length)) + 2;
  return {
    title: titleOf(title),
    grid: { left: LETTER * widest, right: 70, top: 56, bottom: 46 },
    xAxis: {
      type: axisType(logarithmic),
      name: unit,
      nameLocation: "middle",
      nameGap: 26,
      axisLabel: { formatter: short },
    },
    // The first bar stands on top.
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLabel: { interval: 0 },
    },
    series: [
      {
        type: "bar",
        data: bars.map(({ value }) => value),
        label: {
          show: true,
          position: "right",
          formatter: ({ value }: { value: number }) => short(value),
        },
        ...(mark && { markLine: mark }),
      },
    ],
  };
}

function curvesOption({ title, x, y, curves, line }: CurvePlot): object {
  const mark = line && {
    ...LINE,
    data: [{ yAxis: line.value }],
    label: { formatter: line.label, position: "insideEndTop" },
  };
  const axis = ({ label, logarithmic }: CurvePlot["x"], gap: number) => ({
    type: axisType(logarithmic),
    name: label,
    nameLocation: "middle",
    nameGap: gap,
    axisLabel: { formatter: short },
    ...(logarithmic ? {} : { scale: true }),
  });
  return {
    title: titleOf(title),
    legend: { bottom: 0, itemGap: 28, data: curves.map(({ label }) => label) },
    grid: { left: 60, right: 30, top: 50, bottom: 84 },
    xAxis: axis(x, 28),
    yAxis: axis(y, 46),
    series: curves.map(({ label, points }, i) => ({
      type: "line",
      name: label,
      data: points,
      showSymbol: points.length <= 30,
      ...(i === 0 && mark && { markLine: mark }),
    })),
  };
}

/** The plot as an SVG document, 960 pixels wide. */
export function plotSvg(plot: Plot): string {
  const height =
    plot.kind === "bars" ? plot.bars.length * BAR_HEIGHT + BARS_BESIDES : CURVES_HEIGHT;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    const option = plot.kind === "bars" ? barsOption(plot) : curvesOption(plot);
    chart.setOption({ animation: false, color: COLOURS, backgroundColor: "#fff", ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
