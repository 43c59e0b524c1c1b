/** A client that knows nothing but the contract uploads, is cut off, resumes and reads back. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Upload_State as State } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { defaultPolicy, Sanitizer } from "../../host/index.ts";
import { FRAME_LAYOUT, FrameFactory } from "../faults/harness/frames.ts";
import { SeededRandom } from "../faults/harness/random.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { World } from "../faults/harness/world.ts";
import { compileContract, runPython } from "./support.ts";

type Status = [code: string, reason: string, metadata: Record<string, string>];

interface Report {
  readonly size: number;
  readonly unknown: Status;
  readonly cut: string;
  readonly committed: number;
  readonly wrong_offset: Status;
  readonly resumed_from: number;
  readonly complete: boolean;
  readonly again: boolean;
  readonly other: Status;
  readonly listed: string[];
  readonly digest_listed: boolean;
  readonly downloaded: boolean;
  readonly part: boolean;
  readonly forbidden: Status;
  readonly floor: Status;
  readonly own: {
    readonly stranger: number[];
    readonly refused: Status;
    readonly stored: number[];
    readonly before: number;
    readonly deleted: number[];
  };
}

describe.skipIf(skipsWithout("python3-grpcio", "openssl"))("a client in Python", () => {
  let world: World;
  let report: Report;

  beforeAll(async () => {
    world = await World.create();
    await world.start("receiver");
    const file = join(world.folder, "artefact.veil");
    writeFileSync(file, await sealOne(world.keyPair.publicKey));
    report = await runPython<Report>("upload.py", {
      image: compileContract(world.folder),
      address: `localhost:${world.receiverPort}`,
      ca: world.authority.ca,
      ...world.certificates.both,
      file,
      name: `recipients/${world.recipient}/artefacts/from-python-1`,
      source: "0123456789abcdef".repeat(2),
    });
  });

  afterAll(() => world?.close());

  test("is told that nothing is known of a new artefact", () => {
    expect(report.unknown.slice(0, 2)).toEqual(["NOT_FOUND", "WRITE_NOT_FOUND"]);
  });

  test("keeps what arrived before it cancelled", () => {
    expect(report.cut).toBe("CANCELLED");
    expect(report.committed).toBeGreaterThan(0);
    expect(report.committed).toBeLessThanOrEqual(report.size / 2);
  });

  test("is told the right offset after a wrong one", () => {
    const [code, reason, metadata] = report.wrong_offset;
    expect([code, reason]).toEqual(["OUT_OF_RANGE", "OFFSET_MISMATCH"]);
    expect(Number(metadata.committed_size)).toBe(report.committed);
  });

  test("resumes there, and the artefact is whole", () => {
    expect(report.resumed_from).toBe(report.committed);
    expect(report.complete).toBe(true);
  });

  test("may write the same again, but nothing else under its name", () => {
    expect(report.again).toBe(true);
    expect(report.other.slice(0, 2)).toEqual(["ALREADY_EXISTS", "ALREADY_STORED_DIFFERENT"]);
  });

  test("finds it in the list and downloads it, whole and in part", () => {
    expect(report.listed).toEqual([`recipients/${world.recipient}/artefacts/from-python-1`]);
    expect(report.digest_listed).toBe(true);
    expect(report.downloaded).toBe(true);
    expect(report.part).toBe(true);
  });

  test("sees nothing of other recipients", () => {
    expect(report.forbidden.slice(0, 2)).toEqual(["PERMISSION_DENIED", "RECIPIENT_FORBIDDEN"]);
  });

  test("has its own upload told and deleted by its key, and by no other", () => {
    const { stranger, refused, stored, before, deleted } = report.own;
    expect([stranger, stored, deleted]).toEqual([
      [State.ABSENT, 0],
      [State.STORED, report.size],
      [State.DELETED, 0],
    ]);
    expect(refused.slice(0, 2)).toEqual(["PERMISSION_DENIED", "DELETION_KEY_WRONG"]);
    expect(before).toBe(State.STORED);
  });

  test("is refused below a floor that it raised", () => {
    expect(report.floor.slice(0, 2)).toEqual(["FAILED_PRECONDITION", "STALE_EPOCH"]);
  });
});

/** An artefact of a large frame, so that it has many pieces. */
async function sealOne(recipient: Uint8Array): Promise<Uint8Array> {
  const frames = await FrameFactory.open(new SeededRandom(1));
  const { count, data } = frames.make(0n, 10_000);
  const sanitizer = await Sanitizer.create({ policy: defaultPolicy(), recipient });
  const frame = { count, data, layout: FRAME_LAYOUT, metadata: [] };
  return sanitizer.sanitize(frame).veil;
}
