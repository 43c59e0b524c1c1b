/** The ledger on the disk: every change to it shows, and then nothing is allowed. */
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { open as openLmdb } from "lmdb";
import { describe, expect, test } from "vitest";
import { verifyLedgerExport } from "../../host/permission/index.ts";
import { Ledger } from "../../host/permission/ledger.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { allowLidar, no, type Robot, reasonOf, robot, temporaryFolder, yes } from "./support.ts";

type Records = Map<number, Buffer>;

const openRaw = (stateDir: string) =>
  openLmdb<Buffer, number>({
    path: join(stateDir, "ledger"),
    encoding: "binary",
    keyEncoding: "uint32",
    overlappingSync: false,
  });

/** Changes the records of a closed ledger. */
async function tamper(stateDir: string, change: (records: Records) => void): Promise<void> {
  const db = openRaw(stateDir);
  const records: Records = new Map(
    [...db.getRange()].map(({ key, value }) => [key, Buffer.from(value)]),
  );
  change(records);
  db.transactionSync(() => {
    for (const key of [...db.getKeys()]) db.removeSync(key);
    for (const [key, value] of records) db.putSync(key, value);
  });
  await db.close();
}

/** A robot whose owner allowed lidar and then withdrew it: 4 entries, closed. */
async function withHistory(): Promise<Robot> {
  const one = await robot();
  const permissions = await one.open();
  await allowLidar(permissions);
  await permissions.grant(yes("robot-logs-local"));
  await permissions.withdraw(no("robot-lidar-upload"));
  await permissions.close();
  return one;
}

/** Opens a ledger that was tampered with: where it is damaged. Everything must be refused. */
async function expectDamaged({ open }: Robot): Promise<{ epoch: number; reason: string }> {
  const permissions = await open();
  const { damage, gate } = permissions;
  if (damage === undefined) throw new Error("the damage was not found");
  for (const dataClass of ["lidar", "logs", "house_plan"] as const) {
    const decision = gate.decideUpload(dataClass, "frames");
    expect(decision.allowed || decision.refusal.reason).toBe("LEDGER_DAMAGED");
  }
  expect(permissions.list().some(({ granted }) => granted)).toBe(false);
  const check = permissions.checkFeature("robot", "perception");
  expect(check.allowed || check.refusal.reason).toBe("LEDGER_DAMAGED");
  expect(await reasonOf(() => permissions.grant(yes("robot-lidar-local")))).toBe("LEDGER_DAMAGED");
  expect(await reasonOf(() => permissions.withdraw(no("robot-lidar-local")))).toBe(
    "LEDGER_DAMAGED",
  );
  // The history up to the damage can be read and verifies.
  const lines = permissions.exportLines();
  expect(verifyLedgerExport(lines, permissions.publicKey)).toBeUndefined();
  expect(permissions.events(0n, 100).length).toBe(lines.length);
  await permissions.close();
  return { epoch: Number(damage.epoch), reason: damage.reason };
}

describe("a whole ledger", () => {
  test("says the same to whoever opens it", async () => {
    const one = await withHistory();
    const [a, b] = [await one.open(), await one.open()];
    expect(a.damage).toBeUndefined();
    expect(a.list()).toEqual(b.list());
    expect(a.exportLines()).toEqual(b.exportLines());
    expect(a.gate.epochFloor("lidar")).toBe(4n);
    expect(b.gate.epochFloor("lidar")).toBe(4n);
  });

  test("gives its entries by pages", async () => {
    const permissions = await (await withHistory()).open();
    expect(permissions.events(0n, 2).map(({ epoch }) => epoch)).toEqual([1n, 2n]);
    expect(permissions.events(2n, 2).map(({ epoch }) => epoch)).toEqual([3n, 4n]);
    expect(permissions.events(4n, 2)).toEqual([]);
  });

  test("catches up a head that stayed behind", async () => {
    const one = await withHistory();
    const headPath = join(one.stateDir, "ledger.head");
    const head = await readFile(headPath);
    const permissions = await one.open();
    await permissions.grant(yes("robot-logs-upload"));
    await permissions.close();
    const later = await readFile(headPath);
    await writeFile(headPath, head);
    expect((await one.open()).damage).toBeUndefined();
    expect(await readFile(headPath)).toEqual(later);
  });

  test("does not take a second writer's word: what it decided is not known here", async () => {
    const one = await withHistory();
    const [a, b] = [await one.open(), await one.open()];
    await a.withdraw(no("robot-lidar-local"));
    await expect(b.grant(yes("robot-lidar-upload"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const decision = b.gate.decideUpload("lidar", "frames");
    expect(decision.allowed || decision.refusal.reason).toBe("LEDGER_DAMAGED");
    expect((await one.open()).exportLines()).toEqual(a.exportLines());
  });
});

describe("a ledger that was changed", () => {
  test("in any byte of any entry is found out", async () => {
    const one = await withHistory();
    const options = { stateDir: one.stateDir, keys: one.keys, log: SILENT };
    const whole: Records = new Map();
    await tamper(one.stateDir, (records) => {
      for (const [key, value] of records) whole.set(key, value);
    });
    const db = openRaw(one.stateDir);
    let flips = 0;
    for (const [key, value] of whole) {
      // Every byte of the signatures, every third of the text: each with another bit.
      for (let at = 0; at < value.length; at += at < 64 ? 1 : 3) {
        const changed = Buffer.from(value);
        changed[at]! ^= 1 << (at % 8);
        db.putSync(key, changed);
        const ledger = await Ledger.open(options);
        expect(ledger.damage?.epoch, `byte ${at} of entry ${key}`).toBe(BigInt(key));
        expect(ledger.entries.length).toBe(key - 1);
        await ledger.close();
        flips++;
      }
      db.putSync(key, value);
    }
    await db.close();
    expect(flips).toBeGreaterThan(500);
    expect((await one.open()).damage).toBeUndefined();
  });

  const changes: readonly [string, number, (records: Records) => void][] = [
    ["its first entry deleted", 1, (all) => all.delete(1)],
    ["an entry in the middle deleted", 2, (all) => all.delete(2)],
    ["its last entry deleted, which was a withdrawal", 4, (all) => all.delete(4)],
    ["all entries deleted", 1, (all) => all.clear()],
    [
      "two entries swapped",
      1,
      (all) => {
        const [one, two] = [all.get(1)!, all.get(2)!];
        all.set(1, two).set(2, one);
      },
    ],
    ["an entry repeated", 5, (all) => all.set(5, all.get(2)!)],
    ["an entry cut", 3, (all) => all.set(3, all.get(3)!.subarray(0, 100))],
    ["an entry emptied", 3, (all) => all.set(3, Buffer.alloc(0))],
    ["an entry of nothing but a signature", 3, (all) => all.set(3, all.get(3)!.subarray(0, 64))],
    ["an entry of no text", 3, (all) => all.set(3, Buffer.alloc(100, 0xff))],
    ["a number far away", 5, (all) => all.set(4_000_000_000, all.get(4)!)],
    ["a number 0", 1, (all) => all.set(0, all.get(1)!)],
    [
      "the withdrawal deleted and what came before moved behind it",
      3,
      (all) => {
        all.set(4, all.get(3)!);
        all.set(3, all.get(2)!);
      },
    ],
  ];
  test.each(changes)("%s is damaged at entry %i", async (_, epoch, change) => {
    const one = await withHistory();
    await tamper(one.stateDir, change);
    expect((await expectDamaged(one)).epoch).toBe(epoch);
  });

  test("by entries of another robot is damaged", async () => {
    const [one, other] = [await withHistory(), await robot()];
    await rm(join(other.stateDir, "robot.key"));
    const stranger = await robot(other.stateDir);
    // The same seed gives the same robot, so this one's own key is replaced below.
    await cp(join(one.stateDir, "ledger"), join(stranger.stateDir, "ledger"), { recursive: true });
    const { epoch } = await expectDamaged(stranger);
    // The ledger's head did not come along.
    expect(epoch).toBe(0);
  });

  test("by entries that were signed with another key is damaged at the first", async () => {
    const [one, folder] = [await withHistory(), await temporaryFolder()];
    const { RobotKeys, systemRandom } = await import("../../host/keys/index.ts");
    const keys = await RobotKeys.load(folder, systemRandom);
    const ledger = await Ledger.open({ stateDir: one.stateDir, keys, log: SILENT });
    expect(ledger.damage?.epoch).toBe(1n);
    await ledger.close();
  });
});

describe("files that are gone or changed", () => {
  test("a ledger that was deleted is not begun anew", async () => {
    const one = await withHistory();
    await rm(join(one.stateDir, "ledger"), { recursive: true });
    expect((await expectDamaged(one)).reason).toContain("missing");
    await rm(join(one.stateDir, "ledger", "data.mdb"), { force: true });
    await expectDamaged(one);
  });

  test("a head that was deleted, changed, or set back to another chain is damage", async () => {
    const one = await withHistory();
    const path = join(one.stateDir, "ledger.head");
    const head = await readFile(path, "latin1");
    await rm(path);
    expect((await expectDamaged(one)).reason).toContain("ledger.head");
    for (let at = 0; at < head.length; at += 5) {
      const changed = head.slice(0, at) + (head[at] === "0" ? "1" : "0") + head.slice(at + 1);
      await writeFile(path, changed);
      expect((await expectDamaged(one)).reason).toContain("ledger.head");
    }
    await writeFile(path, head);
    expect((await one.open()).damage).toBeUndefined();
  });

  test("a ledger that was set back to an older copy of itself is damage", async () => {
    const one = await withHistory();
    const copy = await temporaryFolder();
    await cp(join(one.stateDir, "ledger"), join(copy, "ledger"), { recursive: true });
    const permissions = await one.open();
    await permissions.withdraw(no("robot-lidar-local"));
    await permissions.close();
    await rm(join(one.stateDir, "ledger"), { recursive: true });
    await cp(join(copy, "ledger"), join(one.stateDir, "ledger"), { recursive: true });
    expect(await expectDamaged(one)).toEqual({
      epoch: 5,
      reason: "Entries 5 to 5 of the ledger are missing.",
    });
  });

  test("ledger and head deleted together read as a first start: everything is off", async () => {
    const one = await robot();
    const before = await one.open();
    await allowLidar(before);
    await before.close();
    await rm(join(one.stateDir, "ledger"), { recursive: true });
    await rm(join(one.stateDir, "ledger.head"));
    const after = await one.open();
    expect(after.damage).toBeUndefined();
    expect(after.list().some(({ granted }) => granted)).toBe(false);
  });

  test("a database that was cut is damage, or whole where nothing of it was in what is gone", async () => {
    const one = await withHistory();
    const path = join(one.stateDir, "ledger", "data.mdb");
    const whole = await readFile(path);
    const before = await one.open();
    const lines = before.exportLines();
    await before.close();
    let damaged = 0;
    for (let size = 1; size < whole.length; size += 2048) {
      await writeFile(path, whole.subarray(0, size));
      const after = await one.open();
      if (after.damage) damaged++;
      else expect(after.exportLines(), `${size} bytes`).toEqual(lines);
      await after.close();
    }
    expect(damaged).toBeGreaterThan(3);
  });

  test("a database of garbage is damage", async () => {
    for (const garbage of [
      Buffer.alloc(8192, 0xa5),
      Buffer.from("not a database"),
      Buffer.alloc(1),
    ]) {
      const one = await withHistory();
      await writeFile(join(one.stateDir, "ledger", "data.mdb"), garbage);
      await expectDamaged(one);
    }
  });
});

describe("an export", () => {
  test("verifies with the public key and with no other", async () => {
    const permissions = await (await withHistory()).open();
    const lines = permissions.exportLines();
    expect(lines.length).toBe(4);
    expect(verifyLedgerExport(lines, permissions.publicKey)).toBeUndefined();
    expect(verifyLedgerExport([], permissions.publicKey)).toBeUndefined();
    const other = permissions.publicKey.slice();
    other[3]! ^= 4;
    expect(verifyLedgerExport(lines, other)?.epoch).toBe(1n);
  });

  test("that was changed, cut, reordered or spliced does not", async () => {
    const permissions = await (await withHistory()).open();
    const lines = permissions.exportLines();
    const bad = (changed: readonly string[]) => {
      const damage = verifyLedgerExport(changed, permissions.publicKey);
      return damage === undefined ? 0 : Number(damage.epoch);
    };
    expect(bad(lines.slice(1))).toBe(1);
    expect(bad([lines[0]!, lines[2]!])).toBe(2);
    expect(bad([lines[1]!, lines[0]!])).toBe(1);
    expect(bad([...lines, lines[3]!])).toBe(5);
    expect(bad([...lines, ""])).toBe(5);
    expect(bad([lines[0]!, "[]"])).toBe(2);
    const second = lines[1]!;
    for (let at = 0; at < second.length; at += 7) {
      const changed = second.slice(0, at) + (second[at] === "a" ? "b" : "a") + second.slice(at + 1);
      expect(bad([lines[0]!, changed, ...lines.slice(2)]), `character ${at}`).toBe(2);
    }
  });
});
