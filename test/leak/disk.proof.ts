/**
 * What lies on a robot's disk opens none of its earlier uploads: no piece of 32 bytes of any file of
 * its state, at any offset, deleted rows included, is a data key (by the key commitment in the
 * header of each upload), the recipient's secret key, or the ephemeral secret of a sealed box. Tried are
 * the files as they are, and what texts in them spell in base64 or hexadecimal.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import sodium from "libsodium-wrappers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HEADER_COMMITMENT, HEADER_SEALED_KEY, HEADER_STREAM } from "../../assembly/abi.ts";
import { openSpool } from "../../host/spool/index.ts";
import { frameOf, LIDAR, RECIPIENT, Robot } from "../sidecar/support.ts";
import { formsOf } from "./process-memory.ts";

const KEY_BYTES = 32;
/** A key has hardly fewer different bytes: 32 random ones have about 30. */
const DIFFERENT_MIN = 20;

/** What left the robot: the observer at the other end has it, and its owner can have it opened. */
const uploads: { readonly veil: Uint8Array; readonly dataKey: Uint8Array }[] = [];
let image: Buffer;
let robot: Robot;

/** Every file below a folder, one after the other. */
function imageOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const paths = files.map((file) => join(folder, file)).filter((path) => statSync(path).isFile());
  return Buffer.concat(paths.map((path) => readFileSync(path)));
}

/** The same, and what is spelled in it. */
function withSpelled(bytes: Buffer): Buffer {
  const words = bytes.toString("latin1").match(/[A-Za-z0-9_+/-]{42,}/g) ?? [];
  const spelled = words.flatMap((word) => {
    // A key may begin behind any letter of a longer word.
    const shifts = [0, 1, 2, 3].map((from) => Buffer.from(word.slice(from), "base64"));
    return /^[0-9a-fA-F]+$/.test(word) ? [...shifts, Buffer.from(word, "hex")] : shifts;
  });
  return Buffer.concat([bytes, ...spelled]);
}

/** Pieces of 32 bytes at every offset, each once, that could be random. */
function* candidates(bytes: Buffer): Generator<Uint8Array> {
  const counts = new Uint16Array(256);
  let different = 0;
  const seen = new Set<string>();
  for (let end = 0; end < bytes.length; end++) {
    if (counts[bytes[end]!]!++ === 0) different++;
    if (end >= KEY_BYTES && --counts[bytes[end - KEY_BYTES]!]! === 0) different--;
    if (end < KEY_BYTES - 1 || different < DIFFERENT_MIN) continue;
    const piece = bytes.subarray(end - KEY_BYTES + 1, end + 1);
    const text = piece.toString("latin1");
    if (seen.has(text)) continue;
    seen.add(text);
    yield piece;
  }
}

/** How many pieces of an image open something, by what they are; and how many were tried. */
function openedBy(bytes: Buffer) {
  const context = new TextEncoder().encode("mapveil.key-commitment.v1");
  const slice = (veil: Uint8Array, from: number) =>
    Buffer.from(veil.slice(from, from + KEY_BYTES)).toString("hex");
  const commitments = new Set(uploads.map(({ veil }) => slice(veil, HEADER_COMMITMENT)));
  const publicKeys = new Map(
    uploads.map(({ veil }) => [slice(veil, HEADER_SEALED_KEY), "ephemeral secret"]),
  ).set(Buffer.from(RECIPIENT.publicKey).toString("hex"), "secret key");
  const found: Record<string, number> = {};
  const note = (what: string) => {
    found[what] = (found[what] ?? 0) + 1;
  };
  let tried = 0;
  for (const piece of candidates(withSpelled(bytes))) {
    tried++;
    if (commitments.has(sodium.crypto_generichash(KEY_BYTES, piece, context, "hex"))) {
      note("data key");
    }
    const pair = publicKeys.get(sodium.crypto_scalarmult_base(piece, "hex"));
    if (pair !== undefined) note(pair);
  }
  return { found, tried };
}

/** Reads what is spooled, as an uplink does, and tells the spool that half of it was uploaded. */
async function upload(): Promise<void> {
  const { stateDir, quotaBytes, maxAgeMs, clock, log } = robot.options;
  const spool = await openSpool({
    ...{ folder: join(stateDir, "spool"), quotaBytes, maxAgeMs, clock, log },
    artefactId: (serial) => `x-${serial}`,
  });
  for (const [i, { id }] of spool.nextToUpload(100).entries()) {
    const veil = Uint8Array.from((await spool.read(id))!);
    const sealed = veil.slice(HEADER_SEALED_KEY, HEADER_STREAM);
    const { publicKey, secretKey } = RECIPIENT;
    uploads.push({ veil, dataKey: sodium.crypto_box_seal_open(sealed, publicKey, secretKey) });
    if (i % 2 === 0) await spool.markUploaded(id);
  }
  await spool.close();
}

beforeAll(async () => {
  await sodium.ready;
  robot = await Robot.start();
  const push = async (from: number) => {
    const sensor = await robot.sensor();
    const stream = await sensor.open({ layout: frameOf(1).layout });
    for (let i = from; i < from + 4; i++) {
      expect((await stream.push(frameOf(i))).outcome).toBe("accepted");
    }
    await stream.end();
  };
  await robot.grantLidar();
  await push(10);
  await robot.sidecar.stop(5000);
  await upload();
  await robot.restart();
  await push(20);
  const owner = await robot.client("app");
  await owner.withdrawPermission({ name: LIDAR });
  await robot.sidecar.stop(5000);
  image = imageOf(robot.options.stateDir);
});
afterAll(() => robot.end());

test("no piece of the disk's image opens an upload", () => {
  expect(uploads).toHaveLength(4);
  // Rows of what was uploaded and withdrawn still stand in free pages: that is the case to be tried.
  const { found, tried } = openedBy(image);
  console.log(`${image.length} bytes, ${tried} pieces tried`);
  expect(found).toEqual({});
  expect(tried).toBeGreaterThan(10_000);
});

test("no known key stands in it, in any form", () => {
  const keys = [...uploads.map(({ dataKey }) => dataKey), RECIPIENT.secretKey];
  for (const bytes of keys) {
    for (const form of formsOf({ name: "key", bytes }))
      expect(image.includes(Buffer.from(form.bytes))).toBe(false);
  }
});

test("a key that is planted is found, as bytes and as text", () => {
  const [{ dataKey }] = uploads as [(typeof uploads)[number]];
  const around = (bytes: Uint8Array) =>
    Buffer.concat([image.subarray(0, 777), bytes, image.subarray(0, 99)]);
  expect(openedBy(around(dataKey)).found).toEqual({ "data key": 1 });
  expect(openedBy(around(RECIPIENT.secretKey)).found).toEqual({ "secret key": 1 });
  const { dataKey: other } = uploads[3]!;
  for (const code of ["base64url", "base64", "hex"] as const) {
    const text = Buffer.from(` key: ${Buffer.from(other).toString(code)}\n`);
    expect(openedBy(around(text)).found).toEqual({ "data key": 1 });
  }
});
