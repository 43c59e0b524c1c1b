/** Every upload can be named again out of the secret, the serial and the short list of settings. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RobotKeys } from "../../host/keys/index.ts";
import type { SpooledArtefact } from "../../host/spool/index.ts";
import { deletionHashOf, spoolSeries, UploadNames } from "../../host/uplink/index.ts";
import { errorOf, seededRandom } from "../keys/support.ts";

const DAY_MS = 86_400_000;
const SCOPE = {
  recipient: "00112233445566aa",
  purpose: "provide",
  epochMs: DAY_MS,
  series: "00".repeat(8),
};
const NOW_MS = 1_800_000_000_000;

let folder: string;
let keys: RobotKeys;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
  keys = await RobotKeys.load(folder, seededRandom("robot"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const artefact = (serial: number, spooledAtMs: number, recipient = SCOPE.recipient) =>
  ({ serial, spooledAtMs, recipient }) as SpooledArtefact;

test("an artefact keeps its id and its pseudonym when the settings change", async () => {
  const names = await UploadNames.open(folder, keys);
  await names.use(SCOPE, 1);
  const ids = [1, 2, 3].map((serial) => names.idOf(serial));
  const source = names.sourceOf(artefact(3, NOW_MS));
  await names.use({ ...SCOPE, purpose: "research", epochMs: DAY_MS / 24 }, 4);
  await names.use({ ...SCOPE, recipient: "ffeeddccbbaa9988" }, 7);
  const later = await UploadNames.open(folder, await RobotKeys.load(folder, seededRandom("x")));
  expect([1, 2, 3].map((serial) => later.idOf(serial))).toEqual(ids);
  expect(later.sourceOf(artefact(3, NOW_MS))).toEqual(source);
  expect(source.sinceMs).toBe(Math.floor(NOW_MS / DAY_MS) * DAY_MS);
  const scopes = [3, 4, 6, 7, 1e9].map((serial) => later.scopeOf(serial));
  expect(scopes.map(({ purpose, recipient }) => `${purpose} ${recipient}`)).toEqual([
    "provide 00112233445566aa",
    "research 00112233445566aa",
    "research 00112233445566aa",
    "provide ffeeddccbbaa9988",
    "provide ffeeddccbbaa9988",
  ]);
  const sources = [
    artefact(3, NOW_MS),
    artefact(4, NOW_MS),
    artefact(7, NOW_MS, "ffeeddccbbaa9988"),
  ];
  expect(new Set(sources.map((one) => later.sourceOf(one).source)).size).toBe(3);
  expect(statSync(join(folder, "upload-scopes.json")).mode & 0o777).toBe(0o600);
});

test("what waits for an earlier recipient goes under that one's pseudonym", async () => {
  const names = await UploadNames.open(folder, keys);
  await names.use({ ...SCOPE, recipient: "ffeeddccbbaa9988" }, 10);
  // From before the list: its serial is older than the first scope, its recipient another.
  const { recipient, source } = names.sourceOf(artefact(5, NOW_MS));
  expect(recipient).toBe(SCOPE.recipient);
  expect(source).not.toBe(names.sourceAt(NOW_MS).source);
});

test("starts that change nothing leave the list as it is, and what named nothing gives way", async () => {
  const path = join(folder, "upload-scopes.json");
  const names = await UploadNames.open(folder, keys);
  await names.use(SCOPE, 1);
  const text = readFileSync(path, "utf8");
  for (const serial of [1, 5, 9]) {
    await (await UploadNames.open(folder, keys)).use(SCOPE, serial);
    expect(readFileSync(path, "utf8")).toBe(text);
  }
  await names.use({ ...SCOPE, purpose: "protect" }, 9);
  await names.use({ ...SCOPE, purpose: "analyse" }, 9);
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject([
    { fromSerial: 1, purpose: "provide" },
    { fromSerial: 9, purpose: "analyse" },
  ]);
});

test("a spool that was begun anew has names of its own, and those of before can be told again", async () => {
  const names = await UploadNames.open(folder, keys);
  await names.use(SCOPE, 1);
  const before = [1, 2, 3].map((serial) => names.idOf(serial));
  const spool = join(folder, "spool");
  mkdirSync(spool);
  const first = await spoolSeries(spool, seededRandom("series"));
  expect(await spoolSeries(spool, seededRandom("other"))).toBe(first);
  rmSync(spool, { recursive: true });
  mkdirSync(spool);
  const series = await spoolSeries(spool, seededRandom("anew"));
  expect(series).not.toBe(first);
  await names.use({ ...SCOPE, series }, 1);
  expect(names.series).toEqual([SCOPE.series, series]);
  const after = [1, 2, 3].map((serial) => names.idOf(serial));
  expect(new Set([...before, ...after]).size).toBe(6);
  const later = await UploadNames.open(folder, keys);
  expect([1, 2, 3].map((serial) => later.idOf(serial, SCOPE.series))).toEqual(before);
  expect([1, 2, 3].map((serial) => later.idOf(serial))).toEqual(after);
});

test("a list that was changed is refused, and before the first use nothing has a name", async () => {
  const names = await UploadNames.open(folder, keys);
  expect((await errorOf(() => names.idOf(1))).code).toBe("USAGE");
  for (const text of ["", "{}", '[{"fromSerial":-1}]', '[{"fromSerial":1,"secret":"x"}]']) {
    writeFileSync(join(folder, "upload-scopes.json"), text);
    expect((await errorOf(() => UploadNames.open(folder, keys))).code).toBe("INTEGRITY");
  }
});

test("the receiver gets a hash of the key that deletes, and no name has bytes of it", async () => {
  const names = await UploadNames.open(folder, keys);
  await names.use(SCOPE, 1);
  const id = names.idOf(1);
  expect(names.deletionHash(id)).toEqual(deletionHashOf(names.deletionKey(id)));
  expect(names.deletionHash(id)).not.toEqual(names.deletionKey(id));
});

test("a clock that is not set keeps nothing from having a pseudonym", async () => {
  const names = await UploadNames.open(folder, keys);
  await names.use(SCOPE, 1);
  expect(names.sourceOf(artefact(1, -5)).source).toBe(names.sourceAt(0).source);
});
