/** The doctor's canary: nothing leaks on the whole way, nor of a thousand frames; and it is not blind. */
import { expect, test } from "vitest";
import { IDENTIFIER_CLASSES } from "../../host/canary/identifier-classes.ts";
import { MUTATIONS } from "../../host/canary/mutations.ts";
import { Planter } from "../../host/canary/planter.ts";
import { plantedFrames } from "../../host/canary/plants/frames.ts";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { LeakSearch } from "../../host/canary/search.ts";
import { SURFACE_NAMES } from "../../host/canary/surfaces.ts";
import { tryMutations } from "../../host/cli/canary/mutate.ts";
import { CANARY_PARTS, runCanary } from "../../host/cli/canary/run-canary.ts";
import { runCli } from "../../host/cli/run.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { policyOf, RECIPIENT, seededRandom } from "../veil/support.ts";

const IO = {
  stdout: { write: () => {} },
  stderr: { write: () => {} },
  cwd: process.cwd(),
  isTTY: false,
  environment: {},
};

test("the whole way holds nothing that was planted", async () => {
  const terms = { seed: 1, parts: CANARY_PARTS, run: runCli };
  const report = await runCanary(IO as never, terms);
  expect(report.first).toEqual([]);
  expect(report.hits).toBe(0);
  expect(report.classes).toBeGreaterThanOrEqual(IDENTIFIER_CLASSES.length - 1);
  expect(report.encodings).toBe(12);
  expect(report.planted).toBeGreaterThan(10_000);
  for (const surface of SURFACE_NAMES) {
    const searched = report.surfaces.find((one) => one.surface === surface);
    expect(searched?.bytes, surface).toBeGreaterThan(100);
  }
});

const BATCH = 50;

test.each([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])(
  "a hundred frames with planted values leave nothing, seed %i",
  async (seed) => {
    const planter = new Planter(seed);
    const sealed: Uint8Array[] = [];
    for (const text of ["", "pose: session\npoint: centroid\ncentroid_bits: 6\npadding: padme\n"]) {
      const sanitizer = await Sanitizer.create({
        policy: policyOf(text),
        recipient: RECIPIENT.publicKey,
        random: seededRandom(seed),
      });
      for (const frame of plantedFrames(planter, BATCH)) {
        sealed.push(sanitizer.sanitize(frame).veil.slice());
      }
    }
    const search = new LeakSearch(planter.planted);
    for (const veil of sealed) {
      expect(search.search({ name: "artefact", bytes: veil, isCiphertext: true })).toEqual([]);
      for (const record of recordsOf(veil, RECIPIENT)) {
        for (const haystack of recordHaystacks("record", record)) {
          expect(search.search(haystack)).toEqual([]);
        }
      }
    }
  },
);

/** A few of each kind; all of them: mapveil doctor --canary --mutate. */
const SAMPLE = process.env.MAPVEIL_LONG
  ? MUTATIONS.map(({ id }) => id)
  : ["core-list", "text-phones", "text-frames", "error-values", "receiver-names"];

test("rules that are switched off are found out", async () => {
  const sample = MUTATIONS.filter(({ id }) => SAMPLE.includes(id));
  const tried = await tryMutations(sample, 1, () => {});
  expect(tried.map(({ id, result }) => [id, result])).toEqual(
    sample.map(({ id }) => [id, "found"]),
  );
}, 1_800_000);
