/**
 * Metadata: an allow-list of four strings and a coarse time, and what the host itself says of a release;
 * everything else ends in the core.
 */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { METADATA_IDS } from "../../host/core/metadata-ids.ts";
import { Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, RawCore, XYZ } from "./raw-core.ts";

interface Field {
  readonly id: number;
  readonly value: Uint8Array;
}

const CLOUD = bytesOf([1, 1, 1]);
const PASSABLE = [abi.META_FRAME_ID, abi.META_TOPIC, abi.META_SENSOR_MODEL, abi.META_LABEL];
/** Passes whenever it is offered, which only the host can. */
const HOSTS_OWN = abi.META_LINKAGE;
const SECOND = 1_000_000_000n;
const EVERY_STRING = PASSABLE.reduce((bits, id) => bits | (1n << BigInt(id)), 0n);

const text = (value: string) => new TextEncoder().encode(value);
const ids = Array.from({ length: abi.META_COUNT }, (_, id) => id);

function records(fields: readonly Field[]): Uint8Array {
  const parts = fields.flatMap(({ id, value }) => [
    new Uint8Array(Uint16Array.of(id, value.length).buffer),
    value,
  ]);
  return Buffer.concat(parts);
}

/** Metadata of a record as it left. */
function leftIn(record: Uint8Array): Field[] {
  const view = new DataView(record.buffer, record.byteOffset);
  const fields: Field[] = [];
  const end = abi.TILE_BYTES + view.getUint16(abi.TILE_METADATA_BYTES, true);
  for (let at = abi.TILE_BYTES; at < end; ) {
    const bytes = view.getUint16(at + 2, true);
    fields.push({ id: view.getUint16(at, true), value: record.slice(at + 4, at + 4 + bytes) });
    at += 4 + bytes;
  }
  return fields;
}

describe.each(BUILDS)("the stripping of the %s build", (build) => {
  const core = RawCore.load(build);

  /** What leaves of the offered fields. */
  function strip(fields: readonly Field[], allowed: bigint, more: object = {}): Field[] {
    return leftIn(core.tileOf(CLOUD, { fields: allowed, ...more }, XYZ, {}, records(fields)));
  }

  test("no field passes that the policy does not name, and only four strings can be named", () => {
    for (let bit = 0; bit < 64; bit++) {
      const allowed = 1n << BigInt(bit);
      const status = core.voxelise(CLOUD, { fields: allowed });
      expect([bit, status]).toEqual([bit, PASSABLE.includes(bit) ? 1 : abi.E_ARG]);
      for (const id of ids) {
        const offered = [{ id, value: text(`secret-${id}`) }];
        if (status === 1) {
          const passes = id === bit || id === HOSTS_OWN;
          expect(strip(offered, allowed)).toEqual(passes ? offered : []);
          expect(core.fate(id)).toBe(passes ? abi.FIELD_PASSED : abi.FIELD_STRIPPED);
        }
      }
    }
  });

  test("all fields offered at once: exactly the named ones leave, in order of arrival", () => {
    const random = new Seeded(501);
    for (let allowed = 0; allowed < 16; allowed++) {
      const named = PASSABLE.filter((_, i) => allowed & (1 << i));
      const bits = named.reduce((sum, id) => sum | (1n << BigInt(id)), 0n);
      const offered = ids.map((id) => ({ id, value: text(`v${id}-${random.below(1e6)}`) }));
      const left = strip(offered.reverse(), bits);
      const passing = [...named, HOSTS_OWN];
      expect(left).toEqual(offered.filter(({ id }) => passing.includes(id)));
      for (const id of ids) {
        const fate = passing.includes(id) ? abi.FIELD_PASSED : abi.FIELD_STRIPPED;
        expect([id, core.fate(id)]).toEqual([id, fate]);
      }
    }
  });

  test("what the host says of a release is text like any other, and no frame can bring it along", () => {
    const offered = (value: string) => [{ id: HOSTS_OWN, value: text(value) }];
    expect(strip(offered("x".repeat(abi.META_STRING_MAX)), 0n).length).toBe(1);
    for (const value of ["", "x".repeat(abi.META_STRING_MAX + 1), "a\nb"]) {
      expect(strip(offered(value), 0n)).toEqual([]);
    }
    expect(Object.values(METADATA_IDS)).not.toContain(HOSTS_OWN);
  });

  test("a repeated field leaves once, and is reported once", () => {
    const fields = [1, 2, 3].map((n) => ({ id: abi.META_LABEL, value: text(`label ${n}`) }));
    expect(strip(fields, EVERY_STRING)).toEqual([fields[0]]);
    expect(core.fate(abi.META_LABEL)).toBe(abi.FIELD_PASSED);
    const late = [{ id: abi.META_LABEL, value: text("\n") }, ...fields];
    expect(strip(late, EVERY_STRING)).toEqual([fields[0]]);
    expect(core.fate(abi.META_LABEL)).toBe(abi.FIELD_PASSED);
  });

  test("empty, over-long and unprintable strings end here, whatever the policy says", () => {
    const id = abi.META_TOPIC;
    const long = "x".repeat(abi.META_STRING_MAX);
    expect(strip([{ id, value: text(long) }], EVERY_STRING).length).toBe(1);
    const refused = ["", `${long}x`, "x".repeat(60_000), "\0", "a\nb", "a\tb", "\x7f", "end\x1b"];
    for (const value of refused) {
      expect(strip([{ id, value: text(value) }], EVERY_STRING)).toEqual([]);
      expect(core.fate(id)).toBe(abi.FIELD_STRIPPED);
    }
    for (let byte = 0; byte < 32; byte++) {
      expect(strip([{ id, value: Uint8Array.of(65, byte, 66) }], EVERY_STRING)).toEqual([]);
    }
    expect(strip([{ id, value: text("客厅 – Küche") }], EVERY_STRING).length).toBe(1);
  });

  test("bytes that are no UTF-8 end here: a string is not a carrier for numbers", () => {
    const id = abi.META_LABEL;
    const broken = [
      [0x80],
      [0xc0, 0xaf],
      [0xff, 0xfe],
      [0xe5, 0xae],
      [0xed, 0xa0, 0x80],
      [0xc2, 0x85],
    ];
    const left = broken.filter(
      (bytes) => strip([{ id, value: Uint8Array.from(bytes) }], EVERY_STRING).length > 0,
    );
    expect(left).toEqual([]);
  });

  test("records that do not add up are E_FORMAT, at every cut", () => {
    const whole = records(ids.slice(2, 8).map((id) => ({ id, value: text(`value ${id}`) })));
    const ends = new Set([0]);
    for (let at = 0; at < whole.length; ) {
      at += 4 + whole[at + 2]! + 256 * whole[at + 3]!;
      ends.add(at);
    }
    core.voxelise(CLOUD, { fields: EVERY_STRING });
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      core.memory.set(whole, core.at(abi.REGION_METADATA));
      const status = core.call.tile_encode(bytes);
      expect([bytes, status]).toEqual([bytes, ends.has(bytes) ? 4096 : abi.E_FORMAT]);
    }
    for (const bytes of [65_537, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(core.call.tile_encode(bytes)).toBe(abi.E_FORMAT);
    }
  });

  test("a field number that nobody knows is E_FORMAT, not passed on", () => {
    core.voxelise(CLOUD, { fields: EVERY_STRING });
    for (const id of [abi.META_COUNT, 49, 255, 256, 0x8002, 0xffff]) {
      core.memory.set(records([{ id, value: text("x") }]), core.at(abi.REGION_METADATA));
      expect(core.call.tile_encode(5)).toBe(abi.E_FORMAT);
    }
  });

  test.each([
    ["a second", SECOND],
    ["an hour", 3600n * SECOND],
    ["a day", 86_400n * SECOND],
    ["a year", 31_536_000n * SECOND],
  ])("the capture time is floored to %s", (_, timeNs) => {
    const random = new Seeded(502);
    const stamps = [0n, 1n, timeNs - 1n, timeNs, 1_679_653_308_704_927_652n, 2n ** 64n - 1n];
    for (let i = 0; i < 50; i++) stamps.push(BigInt(random.below(2 ** 31)) * 1_000_000_007n);
    for (const stampNs of stamps) {
      const [field, ...others] = leftIn(core.tileOf(CLOUD, { timeNs }, XYZ, { stampNs }));
      expect(others).toEqual([]);
      const found = new DataView(field!.value.buffer).getBigUint64(0, true);
      expect([field!.id, field!.value.length, found]).toEqual([
        abi.META_TIME,
        8,
        stampNs - (stampNs % timeNs),
      ]);
      expect(core.fate(abi.META_TIME)).toBe(abi.FIELD_PASSED);
      expect(core.fate(abi.META_WALL_CLOCK)).toBe(abi.FIELD_STRIPPED);
    }
  });

  test("without a granularity no time leaves, and none is made up without a stamp", () => {
    const stampNs = 1_679_653_308_704_927_652n;
    expect(leftIn(core.tileOf(CLOUD, { timeNs: 0n }, XYZ, { stampNs }))).toEqual([]);
    expect(core.fate(abi.META_TIME)).toBe(abi.FIELD_STRIPPED);
    expect(leftIn(core.tileOf(CLOUD, { timeNs: SECOND }))).toEqual([]);
    expect(core.fate(abi.META_TIME)).toBe(abi.FIELD_NOT_OFFERED);
  });

  test("a time that is offered as a record never leaves, with a stamp or without", () => {
    const offered = records([{ id: abi.META_TIME, value: text("12345678") }]);
    expect(leftIn(core.tileOf(CLOUD, { timeNs: SECOND }, XYZ, {}, offered))).toEqual([]);
    const frame = { stampNs: 5n * SECOND + 7n };
    const [field, ...others] = leftIn(core.tileOf(CLOUD, { timeNs: SECOND }, XYZ, frame, offered));
    expect(others).toEqual([]);
    expect(new DataView(field!.value.buffer).getBigUint64(0, true)).toBe(5n * SECOND);
  });

  test("a second encode of a frame reports anew", () => {
    const label = records([{ id: abi.META_LABEL, value: text("x") }]);
    const first = core.tileOf(CLOUD, { fields: EVERY_STRING }, XYZ, {}, label);
    expect(core.fate(abi.META_LABEL)).toBe(abi.FIELD_PASSED);
    core.encode();
    expect(core.fate(abi.META_LABEL)).toBe(abi.FIELD_NOT_OFFERED);
    expect(Buffer.compare(core.encode(label), first)).toBe(0);
  });
});
