/** Plots, page, document and comparison of the bench, on figures made by hand. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { changesText, compareRuns, notch } from "../../bench/report/compare.ts";
import { CompareError, documentOf, readEarlierRun } from "../../bench/report/document.ts";
import { plotSvg, short } from "../../bench/report/plots.ts";
import {
  atLeast,
  type Figure,
  type Machine,
  type Suite,
  suiteText,
} from "../../bench/report/report.ts";
import { writeReport } from "../../bench/report/write.ts";

const folder = mkdtempSync(join(tmpdir(), "mapveil-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const machine: Machine = {
  cpu: "a <fast> one",
  cores: 2,
  memoryGiB: 24,
  node: "v20",
  v8: "11",
  platform: "linux x64",
  load: 0.1,
  quiet: true,
};

const figure = (name: string, rounds: number[], better: Figure["better"] = "higher"): Figure => ({
  name,
  unit: "x",
  better,
  value: [...rounds].sort((a, b) => a - b)[rounds.length >> 1]!,
  rounds,
});

const suiteOf = (...figures: Figure[]): Suite => ({
  name: "grid",
  title: "cells & <points>",
  columns: ["frame", "ratio", "gate"],
  rows: [["OS1", "4.00x", "MISSED"]],
  notes: ["Verified."],
  gates: [atLeast("grid OS1", 4, 5)],
  figures,
  plots: [
    {
      kind: "bars",
      title: "Real-time factor",
      unit: "sensors a core",
      bars: [
        { label: "VLP-16", value: 120 },
        { label: "OT128 & dual", value: 3 },
      ],
      line: { label: "real time", value: 1 },
      logarithmic: true,
    },
    {
      kind: "curves",
      title: "Cost",
      x: { label: "points", logarithmic: true },
      y: { label: "ns a point" },
      curves: [
        {
          label: "whole frame",
          points: [
            [1000, 60],
            [10_000, 50],
            [100_000, 55],
          ],
        },
      ],
    },
  ],
  missing: [{ name: "pcl::VoxelGrid", reason: "libpcl-dev is not installed" }],
  data: [],
});

const head = { startedAt: "2026-01-01T00:00:00Z", machine, quick: false, interrupted: false };
const steady = (value: number) =>
  Array.from({ length: 9 }, (_, i) => value * (1 + 0.002 * (i - 4)));

describe("a comparison", () => {
  const earlier = (...figures: Figure[]) => {
    const path = join(folder, "earlier.json");
    writeFileSync(path, JSON.stringify(documentOf(head, [suiteOf(...figures)])));
    return readEarlierRun(path);
  };
  const verdictOf = (before: Figure, now: Figure) =>
    compareRuns([suiteOf(now)], earlier(before))[0]!.verdict;

  test("takes noise from the rounds: 1.57 IQR / sqrt(n)", () => {
    // Quartiles by nearest rank: 3 and 7.
    expect(notch([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeCloseTo((1.57 * 4) / 3, 12);
    expect(notch([5])).toBe(0);
  });

  test("tells better from worse by what the figure means", () => {
    const before = figure("speed", steady(4));
    expect(verdictOf(before, figure("speed", steady(5)))).toBe("better");
    expect(verdictOf(before, figure("speed", steady(3)))).toBe("worse");
    expect(verdictOf(figure("ms", steady(4), "lower"), figure("ms", steady(5), "lower"))).toBe(
      "worse",
    );
    expect(verdictOf(figure("ms", steady(4), "lower"), figure("ms", steady(3), "lower"))).toBe(
      "better",
    );
  });

  test("calls nothing a change that is within noise, or below what quiet runs differ by", () => {
    expect(verdictOf(figure("speed", steady(4)), figure("speed", steady(4.15)))).toBe("same");
    const wild = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(
      verdictOf(
        figure("speed", wild),
        figure(
          "speed",
          wild.map((x) => 1.3 * x),
        ),
      ),
    ).toBe("same");
  });

  test("names what the earlier run did not have", () => {
    const run = earlier(figure("speed", steady(4)));
    const changes = compareRuns(
      [suiteOf(figure("speed", steady(8)), figure("size", steady(1)))],
      run,
    );
    expect(changes.map(({ verdict }) => verdict)).toEqual(["better", "new"]);
    const text = changesText(changes, run);
    expect(text).toContain("+100.0 %");
    expect(text).toContain("1 better, 0 worse, 0 the same within noise or 5 %, 1 new");
  });

  test.each([
    ["no.json", undefined, /cannot be read \(ENOENT\)/],
    ["text.json", "hello", /is not JSON/],
    ["other.json", '{"format":"mapveil-bench/0"}', /is not a document of this bench: format/],
    [
      "figures.json",
      JSON.stringify({ ...documentOf(head, []), suites: [{ name: "a", figures: [{ name: 1 }] }] }),
      /suites\.0\.figures\.0/,
    ],
  ])("refuses %s and says why", (name, text, message) => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    expect(() => readEarlierRun(path)).toThrow(CompareError);
    expect(() => readEarlierRun(path)).toThrow(message);
  });
});

describe("a report", () => {
  test("has the plots, in the page and as files", () => {
    const suites = [suiteOf(figure("speed", steady(4)))];
    const page = writeReport(folder, { ...head, suites, changes: [] }, documentOf(head, suites));
    const html = readFileSync(page, "utf8");
    const bars = readFileSync(join(folder, "grid-real-time-factor.svg"), "utf8");
    expect(html).toContain("Not compared with pcl::VoxelGrid");
    expect(html).toContain("cells &amp; &lt;points&gt;");
    expect(html).not.toMatch(/<fast>|<points>|\bsrc=|\bhref="http/);
    expect(html.match(/<svg/g)).toHaveLength(2);
    for (const text of ["VLP-16", "OT128 &amp; dual", "real time", "sensors a core"]) {
      expect(bars).toContain(text);
    }
    expect(
      JSON.parse(readFileSync(join(folder, "bench.json"), "utf8")).suites[0].figures,
    ).toHaveLength(1);
  });

  test("replaces the plots of the run before it", () => {
    const suites = [{ ...suiteOf(), plots: suiteOf().plots.slice(0, 1) }];
    writeReport(folder, { ...head, suites, changes: [] }, documentOf(head, suites));
    expect(readdirSync(folder).filter((name) => name.endsWith(".svg"))).toEqual([
      "grid-real-time-factor.svg",
    ]);
  });

  test("draws longer bars for larger values, on a logarithmic axis from the line on", () => {
    const [bars] = suiteOf().plots;
    const paths = [
      ...plotSvg(bars!).matchAll(/<path d="M[\d.]+ [\d.]+l([\d.]+) 0[^"]*" fill="#0072b2"/g),
    ];
    const [long, short] = paths.map(([, width]) => Number(width));
    expect(long! / short!).toBeCloseTo(Math.log(120) / Math.log(3), 1);
  });

  test("names missing peers in the text, too", () => {
    expect(suiteText(suiteOf())).toContain("Not compared with pcl::VoxelGrid: libpcl-dev is not");
  });

  test.each([
    [0, "0"],
    [0.01234, "0.0123"],
    [2.71, "2.71"],
    [1234.5, "1,235"],
    [6_912_000, "6,912,000"],
  ])("writes %d as %s", (value, text) => expect(short(value)).toBe(text));
});
