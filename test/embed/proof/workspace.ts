/** A folder with all that the example controller reads, and what it wrote. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "../../../host/core/frame.ts";
import { frameFile } from "../../../host/embed/tools/frame-file.ts";
import { formatKey } from "../../../host/keys/index.ts";
import type { Policy } from "../../../host/policy/index.ts";
import { robotTerms } from "../../../host/veil/robot-terms.ts";
import { RECIPIENT, SEEDS } from "./plays.ts";

export interface Workspace {
  readonly folder: string;
  /** The options of the controller, --fast among them. */
  readonly options: readonly string[];
  readonly seedPath: string;
  readonly rulePath: string;
  readonly keyPath: string;
  readonly outPath: string;
}

export const RULE = "# what may leave\nlidar frames\nepoch 7\n";
export const RULE_EPOCH = 7n;

export interface WorkspaceOptions {
  readonly frames: readonly Frame[];
  /** KIND_* of each frame, where it is not KIND_FRAME. */
  readonly kinds?: readonly (number | undefined)[];
  readonly policy: Policy;
  /** Bytes in place of the machine's randomness; default those of the proof. */
  readonly fresh?: Uint8Array;
}

/** Writes the files; nothing of them is random. */
export function makeWorkspace(folder: string, options: WorkspaceOptions): Workspace {
  const { frames, kinds, policy, fresh = SEEDS.fresh } = options;
  const path = (name: string) => join(folder, name);
  mkdirSync(path("out"), { recursive: true });
  writeFileSync(path("frames"), frameFile(frames, kinds));
  writeFileSync(path("terms"), robotTerms(policy, RECIPIENT.publicKey));
  writeFileSync(path("rule"), RULE);
  writeFileSync(path("seed"), SEEDS.stored);
  writeFileSync(path("fresh"), fresh);
  writeFileSync(path("key"), `${formatKey("secret", RECIPIENT.secretKey)}\n`, { mode: 0o600 });
  const files = ["frames", "terms", "rule", "seed", "fresh", "out"];
  return {
    folder,
    options: [...files.flatMap((name) => [`--${name}`, path(name)]), "--fast"],
    seedPath: path("seed"),
    rulePath: path("rule"),
    keyPath: path("key"),
    outPath: path("out"),
  };
}

/** What the controller said of a frame: sealed and its file, or refused or failed and why. */
export interface FrameLine {
  readonly frame: number;
  readonly what: string;
  readonly detail: string;
}

export interface Account {
  readonly frames: readonly FrameLine[];
  /** captured, sealed, refused, failed, ticks, late, and refusals by name. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What the controller printed. */
export function readAccount(out: string): Account {
  const frames: FrameLine[] = [];
  const counts: Record<string, number> = {};
  for (const line of out.split("\n")) {
    const said = /^frame (\d+) (\w+) (.*)$/.exec(line);
    const counted = /^ *(.+?) (\d+)$/.exec(line);
    if (said) frames.push({ frame: Number(said[1]), what: said[2]!, detail: said[3]! });
    else if (counted) counts[counted[1]!] = Number(counted[2]);
  }
  return { frames, counts };
}

/** Artefacts in the folder of artefacts, and whatever else is there. */
export function readOut(space: Workspace): { veils: Map<string, Buffer>; others: string[] } {
  const names = readdirSync(space.outPath).sort();
  const veils = names.filter((name) => name.endsWith(".veil"));
  return {
    veils: new Map(veils.map((name) => [name, readFileSync(join(space.outPath, name))])),
    others: names.filter((name) => !name.endsWith(".veil")),
  };
}
