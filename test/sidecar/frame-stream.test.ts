/** One frame between two questions to the owner, and a disk that is full. */
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toFrame } from "../../host/client/frame-message.ts";
import { systemClock } from "../../host/core/clock.ts";
import { MapveilError } from "../../host/core/errors.ts";
import { FrameSchema } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { Reason } from "../../host/gen/mapveil/v1/types_pb.ts";
import type { Gate, Refusal, UploadDecision } from "../../host/permission/index.ts";
import { AddBarrier } from "../../host/sidecar/add-barrier.ts";
import { FramePool } from "../../host/sidecar/frame-pool.ts";
import { FrameStream } from "../../host/sidecar/frame-stream.ts";
import type { NewArtefact, Spool } from "../../host/spool/types.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { frameOf, LIMITS, policyOf, RECIPIENT } from "./support.ts";

const FRAME = frameOf(1);
const TEXT = { en: "no", zh: "不" };
const REFUSAL: Refusal = {
  reason: "UPLOAD_OFF",
  permission: "robot-lidar-upload",
  message: TEXT,
  feature: TEXT,
  consequence: TEXT,
  unaffected: TEXT,
  restoreCommand: "mapveil permission grant robot-lidar-upload",
};
const yes = (epoch: bigint, level: "frames" | "full" = "full"): UploadDecision => ({
  allowed: true,
  epoch,
  level,
});
const no = (epoch: bigint): UploadDecision => ({ allowed: false, epoch, refusal: REFUSAL });

let pool: FramePool;
beforeAll(() => {
  pool = new FramePool({ recipient: RECIPIENT.publicKey });
});
afterAll(() => pool.close());

/** What becomes of a frame when the gate answers like this before and after, and the spool so. */
async function fate(
  decisions: readonly [UploadDecision, UploadDecision?],
  options: { floor?: bigint; fail?: MapveilError; countFails?: boolean } = {},
) {
  const added: NewArtefact[] = [];
  const counted: string[] = [];
  const answers = [...decisions];
  const gate: Gate = {
    epoch: 9n,
    decideUpload: () => answers.shift() ?? decisions[0],
    floorRaisedMs: () => 0,
    epochFloor: () => options.floor ?? 0n,
  };
  const spool = {
    add: async (artefact: NewArtefact) => {
      if (options.fail) throw options.fail;
      added.push(artefact);
      return { id: "a-1" };
    },
    refuse: async (reason: string) => {
      if (options.countFails) throw new MapveilError("IO", "The disk is broken.");
      counted.push(reason);
    },
  } as unknown as Spool;
  const stream = new FrameStream(
    {
      gate,
      spool,
      barrier: new AddBarrier(),
      pool,
      limits: { ...LIMITS, inFlight: 2 },
      releaseEveryMs: 0,
      recipient: "00112233445566aa",
      clock: systemClock,
      log: SILENT,
      policy: () => policyOf("level: full"),
      stopping: () => false,
    },
    { dataClass: "lidar", layout: FRAME.layout, inMapFrame: false, flat: false, language: "en" },
  );
  const message = create(FrameSchema, toFrame({ ...FRAME, data: FRAME.data.slice() }, 1n));
  const { outcome, permissionEpoch } = await stream.take(message);
  await stream.close();
  const reason = outcome?.value && "reason" in outcome.value ? outcome.value.reason : 0;
  return { kind: outcome?.case, reason: Reason[reason], permissionEpoch, added, counted };
}

test("allowed before and after: spooled under the epoch that it was processed under", async () => {
  const result = await fate([yes(5n), yes(7n)], { floor: 5n });
  expect(result).toMatchObject({ kind: "accepted", permissionEpoch: 5n, counted: [] });
  expect(result.added).toHaveLength(1);
  expect(result.added[0]).toMatchObject({
    epoch: 5n,
    level: "full",
    recipient: "00112233445566aa",
  });
  expect(parseHeader(result.added[0]!.veil).epoch).toBe(5n);
});

test.each<[string, readonly [UploadDecision, UploadDecision?], bigint, string]>([
  ["off from the start", [no(4n)], 0n, "UPLOAD_OFF"],
  ["withdrawn meanwhile", [yes(5n), no(6n)], 6n, "UPLOAD_OFF"],
  ["withdrawn and granted again meanwhile", [yes(5n), yes(7n)], 6n, "WITHDRAWN"],
  ["lowered meanwhile", [yes(5n), yes(6n, "frames")], 0n, "WITHDRAWN"],
])("%s: refused, counted once, and nothing is kept", async (_, decisions, floor, reason) => {
  const result = await fate(decisions, { floor });
  expect(result).toMatchObject({ kind: "refused", reason, added: [], counted: [reason] });
});

test.each([
  ["NO_SPACE", "DISK_FULL"],
  ["TOO_LARGE", "TOO_LARGE"],
  ["IO", "INTERNAL"],
] as const)("a spool that fails with %s: dropped as %s", async (code, reason) => {
  const fail = new MapveilError(code, "It failed.");
  const result = await fate([yes(5n)], { fail });
  expect(result).toMatchObject({ kind: "dropped", reason, counted: [reason] });
});

test("a receipt comes even if the books cannot be written", async () => {
  const result = await fate([no(4n)], { countFails: true });
  expect(result).toMatchObject({ kind: "refused", reason: "UPLOAD_OFF", permissionEpoch: 4n });
});
