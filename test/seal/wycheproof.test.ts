import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { BUILDS, hex, Primitives, toHex } from "./module.ts";

interface Case {
  tcId: number;
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
  result: "valid" | "invalid";
}

interface Suite {
  numberOfTests: number;
  testGroups: { ivSize: number; tests: Case[] }[];
}

async function load(name: string): Promise<Suite> {
  const file = new URL(`../data/wycheproof/${name}_test.json`, import.meta.url);
  return JSON.parse(await readFile(file, "utf8"));
}

/** A nonce of 24 bytes: the subkey from its first 16, then four zeros and the rest. */
function keyAndNonce(core: Primitives, one: Case) {
  const [key, iv] = [hex(one.key), hex(one.iv)];
  if (iv.length === 12) return { key, nonce: iv };
  const nonce = Uint8Array.from([0, 0, 0, 0, ...iv.slice(16)]);
  return { key: core.hchacha20(key, iv.slice(0, 16)), nonce };
}

/** Returns what went wrong, or nothing. */
function check(core: Primitives, one: Case): string | undefined {
  const { key, nonce } = keyAndNonce(core, one);
  const [ad, plain, expected] = [hex(one.aad), one.msg, one.ct + one.tag];
  const opened = core.aeadOpen(key, nonce, ad, hex(expected));
  const sealed = toHex(core.aeadSeal(key, nonce, ad, hex(plain)));
  if (one.result === "valid") {
    if (sealed !== expected) return "sealed to other bytes";
    if (!opened.ok || toHex(opened.plain) !== plain) return "did not open";
  } else {
    if (sealed === expected) return "sealed to an invalid artefact";
    if (opened.ok) return "opened";
    if (!opened.plain.every((byte) => byte === 0xee)) return "wrote to the destination";
  }
  return undefined;
}

describe.each(BUILDS)("Wycheproof on the %s build", (build) => {
  test.each([
    ["chacha20_poly1305", 96, 325],
    ["xchacha20_poly1305", 192, 315],
  ])("%s", async (name, ivSize, count) => {
    const core = await Primitives.compile(build);
    const suite = await load(name);
    expect(suite.numberOfTests).toBe(count);
    const failures: string[] = [];
    let valid = 0;
    for (const group of suite.testGroups) {
      for (const one of group.tests) {
        // Nonces of other sizes: no call takes them, and every such case is an invalid one.
        const failure =
          group.ivSize === ivSize ? check(core, one) : one.result === "valid" && "a nonce size";
        if (failure) failures.push(`${one.tcId}: ${failure}`);
        if (one.result === "valid") valid++;
      }
    }
    expect(failures).toEqual([]);
    expect(valid).toBeGreaterThan(200);
  });
});
