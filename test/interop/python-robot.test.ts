/** A robot's process in Python, over the unix socket: grants, pushes, withdraws, is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Level, Reason } from "../../host/gen/mapveil/v1/types_pb.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { World } from "../faults/harness/world.ts";
import { compileContract, runPython } from "./support.ts";

type Accepted = ["accepted", id: string, sealedBytes: number, stripped: string[]];
type TurnedAway = ["refused" | "dropped", reason: Reason, name: string, metadata: string[]];

interface Push {
  readonly in_flight: number;
  readonly receipts: (Accepted | TurnedAway)[];
  readonly code: string;
}

interface Report {
  readonly before: Push;
  readonly epoch: number;
  readonly repeated: boolean;
  readonly granted: Push;
  readonly map: {
    readonly held: readonly number[];
    readonly released: readonly [sequence: number, level: number, scans: number, id: string];
    readonly last: readonly (readonly [sequence: number, outcome: string, heldBack: number])[];
  };
  readonly after: Push;
  readonly sensor_grants: [code: string, reason: string];
}

const EXPLAINED = ["consequence", "feature", "permission", "restore_command", "unaffected"];

describe.skipIf(skipsWithout("python3-grpcio", "openssl"))("a robot in Python", () => {
  let world: World;
  let report: Report;

  beforeAll(async () => {
    world = await World.create();
    await world.start("receiver", "sidecar");
    report = await runPython<Report>("robot.py", {
      image: compileContract(world.folder),
      socket: world.socket,
      owner: world.token("owner"),
      sensor: world.token("sensor"),
      frames: 3,
      scans: 6,
      withdraw: true,
    });
  });

  afterAll(() => world?.close());

  test("is refused before the owner said yes, and told what that means", () => {
    const [receipt] = report.before.receipts as [TurnedAway];
    expect(receipt[0]).toBe("refused");
    expect(receipt[1]).toBe(Reason.LOCAL_USE_OFF);
    expect(receipt[3]).toEqual(expect.arrayContaining(EXPLAINED));
    expect(report.before.code).toBe("OK");
  });

  test("grants once, however often it asks with the same id", () => {
    expect(report.epoch).toBeGreaterThan(0);
    expect(report.repeated).toBe(true);
  });

  test("gets a receipt for every frame, with the artefact and what stayed behind", () => {
    const receipts = report.granted.receipts as Accepted[];
    expect(receipts.map(([outcome]) => outcome)).toEqual(["accepted", "accepted", "accepted"]);
    expect(new Set(receipts.map(([, id]) => id)).size).toBe(3);
    for (const [, id, sealedBytes, stripped] of receipts) {
      expect(id).toMatch(/^[a-z0-9-]{4,63}$/);
      expect(sealedBytes).toBeGreaterThan(4096);
      expect(stripped).toContain("serial_number");
    }
    expect(report.granted.in_flight).toBeGreaterThan(0);
  });

  test("makes a map at level map, and gets the release that it asks for", () => {
    const { held, released, last } = report.map;
    expect(held).toEqual([1, 2, 3, 4, 5, 6]);
    // Of six scans five seconds apart, those of the last ten are held back.
    expect(released).toEqual([7, Level.MAP, 4, expect.stringMatching(/^[a-z0-9-]{4,63}$/)]);
    expect(last).toEqual([[0, "nothing", 2]]);
  });

  test("is refused after the withdrawal", () => {
    const [receipt] = report.after.receipts as [TurnedAway];
    expect(receipt.slice(0, 2)).toEqual(["refused", Reason.UPLOAD_OFF]);
  });

  test("may not decide with the token of a sensor", () => {
    expect(report.sensor_grants).toEqual(["PERMISSION_DENIED", "ROLE_MISSING"]);
  });
});
