/** A host and a core that do not fit are told apart before anything else is done with them. */
import { expect, test } from "vitest";
import { ABI_MAJOR, ABI_MINOR } from "../../assembly/abi.ts";
import { startCore } from "../../host/core/load-module.ts";
import { engine } from "../../host/core/webassembly.ts";
import { compileCore } from "./compile.ts";

/** The core as it would be if it said another version. */
async function coreOf(major: number, minor: number) {
  const change = (name: string, from: number, to: number) => ({
    file: "assembly/abi.ts",
    from: `export const ${name} = ${from};`,
    to: `export const ${name} = ${to};`,
  });
  const wasm = await compileCore(
    "baseline",
    ["-O0"],
    [change("ABI_MAJOR", ABI_MAJOR, major), change("ABI_MINOR", ABI_MINOR, minor)],
  );
  return new engine.Module(wasm);
}

test.each([
  [ABI_MAJOR + 1, ABI_MINOR],
  [ABI_MAJOR - 1, ABI_MINOR],
  [ABI_MAJOR, ABI_MINOR - 1],
])(
  "a core of interface %i.%i is refused, with both versions and what to do",
  async (major, minor) => {
    const module = await coreOf(major, minor);
    expect(() => startCore(module)).toThrow(
      `The core has binary interface ${major}.${minor}, this host needs ${ABI_MAJOR}.${ABI_MINOR} or a ` +
        `later ${ABI_MAJOR}.x. Take core and host from one release, or run npm run build.`,
    );
  },
);

test("a core of a later minor version is taken: it only adds", async () => {
  const core = startCore(await coreOf(ABI_MAJOR, ABI_MINOR + 1));
  expect(core.abi_version()).toBe((ABI_MAJOR << 16) | (ABI_MINOR + 1));
});
