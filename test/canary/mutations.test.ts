/** Every rule of the canary's mutation mode can still be switched off where its table says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { changedText, MUTATIONS } from "../../host/canary/mutations.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test.each(MUTATIONS)("$id has its place in the sources", ({ careless = [], off }) => {
  for (const change of [...careless, ...off]) {
    const source = readFileSync(join(ROOT, change.file), "utf8");
    expect(changedText(source, change), `${change.file}: ${change.from}`).toBeDefined();
  }
});

test("every rule has a name of its own", () => {
  expect(new Set(MUTATIONS.map(({ id }) => id)).size).toBe(MUTATIONS.length);
});
