/** docs/wire.md names every reason that the servers can send, each with its code, and no other. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../host/core/errors.ts";
import { Reason } from "../../host/gen/mapveil/v1/types_pb.ts";
import { REASONS } from "../../host/receiver/index.ts";
import { RPC_CODES } from "../../host/rpc/rpc-error.ts";
import { ROOT } from "./support.ts";

const documented = readFileSync(join(ROOT, "docs/wire.md"), "utf8");

/** Reasons that stay on one side: nobody is there any more to be told. */
const NEVER_SENT = new Set(["CALL_ENDED", "CANCELLED", "FINISHED"]);

const sources = ["rpc", "sidecar", "receiver"].flatMap((room) =>
  readdirSync(join(ROOT, "host", room))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(ROOT, "host", room, name), "utf8")),
);

const CODE = Object.keys(RPC_CODES).join("|");
const HELPERS = "notFound|permissionDenied|failedPrecondition|resourceExhausted|unavailable";

/** Reasons that stand in the sources as text, with their codes where these stand beside them. */
function reasonsInSources(): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of sources) {
    for (const [, code, reason] of text.matchAll(
      new RegExp(`new RpcError\\(\\s*"(${CODE})",\\s*"([A-Z_]+)"`, "g"),
    )) {
      found.set(reason!, code!);
    }
    for (const [, helper, reason] of text.matchAll(
      new RegExp(`\\b(${HELPERS})\\(\\s*"([A-Z_]+)"`, "g"),
    )) {
      found.set(reason!, helper!.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
    }
  }
  return found;
}

/** Reasons of tables in single files, by the shape of their lines. */
function reasonsOfTable(path: string, line: RegExp): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [...text.matchAll(line)].map(([, reason]) => reason!);
}

const ofFrames = Object.values(Reason)
  .filter((name): name is string => typeof name === "string")
  .filter((name) => name !== "UNSPECIFIED");
const inSources = reasonsInSources();
const sent = new Set([
  ...REASONS,
  ...ofFrames,
  ...Object.keys(EXIT_CODES),
  ...reasonsOfTable("host/permission/permission-error.ts", /^ {2}([A-Z_]+): "/gm),
  ...reasonsOfTable("host/rpc/server-call.ts", /^ {2}[A-Z_]+: "([A-Z_]+)",$/gm),
  ...inSources.keys(),
]);

/** Rows of the tables of errors: reason and code. */
const rows = [...documented.matchAll(/^\| `([A-Z_]+)` +\| ([A-Z_—]+)/gm)].map(
  ([, reason, code]) => [reason!, code!] as const,
);
const general = documented.slice(documented.indexOf("### General ones"));
const named = new Set([
  ...rows.map(([reason]) => reason),
  ...[...general.matchAll(/`([A-Z_]+)`/g)].map(([, reason]) => reason!),
]);

describe("the description of the wire", () => {
  test("names every reason that can be sent", () => {
    expect(sent.size).toBeGreaterThan(60);
    expect([...sent].filter((reason) => !named.has(reason) && !NEVER_SENT.has(reason))).toEqual([]);
  });

  test("names no reason that is never sent, and none twice", () => {
    expect([...named].filter((reason) => !sent.has(reason))).toEqual([]);
    const reasons = rows.map(([reason]) => reason);
    expect(reasons.filter((reason, i) => reasons.indexOf(reason) !== i)).toEqual([]);
  });

  test("links to files that exist", () => {
    const links = [...documented.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to]) => to!);
    expect(links.filter((to) => !existsSync(join(ROOT, "docs", to)))).toEqual([]);
  });

  test("gives each its code", () => {
    const wrong = rows.filter(([reason, code]) => {
      const used = inSources.get(reason);
      return used !== undefined && used !== code;
    });
    expect(wrong).toEqual([]);
    const table = readFileSync(join(ROOT, "host/receiver/reasons.ts"), "utf8");
    for (const [, reason, code] of table.matchAll(/^ {2}([A-Z_]+): (?:\{\s*code: "([A-Z_]+)")/gm)) {
      expect(rows.find(([name]) => name === reason)?.[1], reason).toBe(code);
    }
  });
});
