/** What a map refuses, each by the scan's number and with what to do; nothing of such a scan is taken. */
import { describe, expect, test, vi } from "vitest";
import { MapveilError } from "../../host/core/errors.ts";
import type { Frame, Pose } from "../../host/core/frame.ts";
import { ScanChecks } from "../../host/veil/scan-checks.ts";
import { stillFrame } from "./beams.ts";
import { knownMap, levelPose, scanOf } from "./maps.ts";
import { Seeded } from "./support.ts";

// Cores are run warm for speed alone, and these tests start many.
vi.mock("../../host/veil/warm-up.ts", () => ({ warmUp: async () => {} }));

const MS = 1_000_000n;
const AT_START = levelPose(0, 0, 0);

/** Why the second of two scans is refused that are `ms` apart; "taken" if it is not. */
function fate(to: Pose, ms: bigint, from: Pose = AT_START): string {
  const checks = new ScanChecks({ inMapFrame: false, periodNs: undefined });
  checks.taken(checks.place(scanOf([1, 0, 0], 1000n * MS, from)));
  return reasonOf(() => checks.place(scanOf([1, 0, 0], (1000n + ms) * MS, to)));
}

function reasonOf(run: () => unknown): string {
  try {
    run();
    return "taken";
  } catch (error) {
    if (error instanceof MapveilError) return error.details.reason ?? error.code;
    throw error;
  }
}

const messageOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("a pose", () => {
  test("may not jump: faster than 5 m/s and by more than 0.5 m", () => {
    expect(fate(levelPose(0.5, 0, 0), 1n)).toBe("taken");
    expect(fate(levelPose(0.51, 0, 0), 100n)).toBe("POSE_JUMP");
    expect(fate(levelPose(0.51, 0, 0), 103n)).toBe("taken");
    expect(fate(levelPose(3, 4, 0), 1000n)).toBe("taken");
    expect(fate(levelPose(3, 4, 0.1), 1000n)).toBe("POSE_JUMP");
  });

  test("may not turn on the spot: faster than 360 degrees/s and by more than 45", () => {
    const turned = (degrees: number) => levelPose(0, 0, 0, (degrees * Math.PI) / 180);
    expect(fate(turned(44.9), 1n)).toBe("taken");
    expect(fate(turned(46), 100n)).toBe("POSE_JUMP");
    expect(fate(turned(-46), 100n)).toBe("POSE_JUMP");
    expect(fate(turned(46), 128n)).toBe("taken");
    // A quaternion and its opposite are one orientation, and length says nothing.
    const [x, y, z, w] = turned(30).quaternion;
    const opposite: Pose = { translation: [0, 0, 0], quaternion: [-2 * x, -2 * y, -2 * z, -2 * w] };
    expect(fate(opposite, 100n, turned(30))).toBe("taken");
  });

  test("is numbers, and a rotation", () => {
    const bad = (pose: Partial<Pose>) => fate({ ...AT_START, ...pose }, 100n);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -2e9]) {
      expect(bad({ translation: [0, value, 0] })).toBe("POSE_INVALID");
      expect(bad({ quaternion: [value, 0, 0, 1] })).toBe("POSE_INVALID");
    }
    expect(bad({ quaternion: [0, 0, 0, 0] })).toBe("POSE_INVALID");
  });

  test("that is missing is the map's own origin where the points are in its frame", () => {
    const without = scanOf([1, 0, 0], 1000n * MS);
    const checks = new ScanChecks({ inMapFrame: false, periodNs: undefined });
    expect(reasonOf(() => checks.place(without))).toBe("POSE_MISSING");
    const inMap = new ScanChecks({ inMapFrame: true, periodNs: undefined });
    expect(inMap.place(without).pose).toEqual(AT_START);
  });
});

describe("a time", () => {
  test("goes on", () => {
    expect(fate(AT_START, 0n)).toBe("TIME_BACKWARDS");
    expect(fate(AT_START, -1n)).toBe("TIME_BACKWARDS");
    expect(fate(AT_START, 1n)).toBe("taken");
  });

  test("is one that fits", () => {
    const checks = new ScanChecks({ inMapFrame: false, periodNs: undefined });
    const at = (stamp: bigint) => reasonOf(() => checks.place(scanOf([1, 0, 0], stamp, AT_START)));
    expect([at(-1n), at(2n ** 63n), at(2n ** 64n)]).toEqual(Array(3).fill("STAMP_INVALID"));
    expect([at(0n), at(2n ** 63n - 1n)]).toEqual(["taken", "taken"]);
  });

  test("that is missing follows from the period, where the source has one", () => {
    const { stampNs: _, ...untimed } = scanOf([1, 0, 0], 0n, AT_START);
    const none = new ScanChecks({ inMapFrame: false, periodNs: undefined });
    expect(reasonOf(() => none.place(untimed))).toBe("STAMP_MISSING");
    const checks = new ScanChecks({ inMapFrame: false, periodNs: 100n * MS });
    const stamps = [1, 2, 3].map(() => {
      const placed = checks.place(untimed);
      checks.taken(placed);
      return placed.stampNs;
    });
    expect(stamps).toEqual([100n * MS, 200n * MS, 300n * MS]);
  });
});

describe("a message", () => {
  const checks = new ScanChecks({ inMapFrame: false, periodNs: undefined });
  const place = (frame: Frame) => messageOf(() => checks.taken(checks.place(frame)));

  test("names the scan, the distance, the time and what to do", () => {
    expect(place(scanOf([1, 0, 0], 1000n * MS, AT_START))).toBe("");
    expect(place(scanOf([1, 0, 0], 1100n * MS, levelPose(3, 4, 0)))).toBe(
      "scan 2: its pose jumps by 5 m in 0.1 s, at most 5 m/s are possible, so it would blur the " +
        "map. If the robot was carried or found its place anew, begin another map.",
    );
    expect(place(scanOf([1, 0, 0], 1100n * MS, levelPose(0, 0, 0, 3)))).toContain(
      "scan 3: its pose jumps by 172 degrees in 0.1 s",
    );
    expect(place(scanOf([1, 0, 0], 900n * MS, AT_START))).toContain("goes back by 0.1 s");
    expect(place(scanOf([1, 0, 0], 1000n * MS, AT_START))).toContain("time stands still");
    expect(place(scanOf([1, 0, 0], 1100n * MS))).toContain("scan 6: it has no pose");
  });
});

test("a map takes nothing of a scan that it refuses, and goes on with the next", async () => {
  const { maker } = await knownMap("level: map\nmap: {hold_back: 0s}");
  const wall = (stamp: bigint, pose?: Pose) =>
    scanOf([2, 0, 0, 0, 2, 0, -2, 0, 0], stamp * MS, pose);
  const { stampNs: _, ...untimed } = wall(1n, AT_START);
  const still = { ...stillFrame(new Seeded(5), 440, 200), stampNs: 900n * MS, pose: AT_START };
  expect(maker.add(wall(100n, AT_START)).scans).toBe(1);
  for (const [frame, reason] of [
    [wall(200n), "POSE_MISSING"],
    [wall(200n, levelPose(9, 9, 0)), "POSE_JUMP"],
    [wall(50n, AT_START), "TIME_BACKWARDS"],
    [untimed, "STAMP_MISSING"],
    [still, "BEAM_STUCK"],
    [wall(200n, { ...AT_START, translation: [Number.NaN, 0, 0] }), "POSE_INVALID"],
  ] as const) {
    expect(reasonOf(() => maker.add(frame))).toBe(reason);
  }
  const short = { ...wall(200n, AT_START), count: 9 };
  expect(reasonOf(() => maker.add(short))).toBe("BAD_INPUT");
  expect(maker.add(wall(200n, AT_START)).scans).toBe(2);
  for (const stamp of [300n, 400n, 500n]) maker.add(wall(stamp, AT_START));
  expect(maker.release()!.report).toMatchObject({ cells: 3, removed: 0, scans: 5 });
});
