/** What every part of the way works with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Planter } from "../../canary/planter.ts";
import { recordHaystacks, recordsOf } from "../../canary/records.ts";
import type { Surface, Surfaces } from "../../canary/surfaces.ts";
import type { MetadataField } from "../../core/frame.ts";
import { type RecipientKeyPair, readSecretKey } from "../../keys/index.ts";
import type { Policy } from "../../policy/index.ts";
import type { SidecarConfig } from "../../sidecar/config.ts";
import { openVeil } from "../../veil/open.ts";
import { DEMO_FILES } from "../demo/files.ts";

export interface Stage {
  readonly planter: Planter;
  readonly surfaces: Surfaces;
  /** A folder of its own, which is removed afterwards. */
  readonly folder: string;
  /** The built-in policy, or that of the user's settings. */
  readonly policy: Policy;
  /** The user's settings; nothing that they name is opened. */
  readonly settings: SidecarConfig["options"] | undefined;
  /** Strings that were handed over under names that a policy could let pass. */
  readonly passing: MetadataField[];
  /** Tells what is being done. */
  readonly tell: (what: string) => void;
}

/** The key that everything is sealed for. */
export function recipientKey({ folder }: Stage): Promise<RecipientKeyPair> {
  return readSecretKey(join(folder, DEMO_FILES.key));
}

/** Adds what the recipient gets out of an artefact: its plaintext, cells, strings and places. */
export async function addOpened(
  { surfaces }: Stage,
  surface: Surface,
  name: string,
  veil: Uint8Array,
  key: RecipientKeyPair,
): Promise<void> {
  for (const [i, record] of recordsOf(veil, key).entries()) {
    for (const haystack of recordHaystacks(`${name}, record ${i}`, record)) {
      surfaces.add(surface, haystack);
    }
  }
  for (const [i, tile] of (await openVeil(veil, key)).entries()) {
    const of = `${name}, tile ${i}`;
    const { cells, positions, strings, stampNs, leafM, hasOrigin } = tile;
    surfaces.add(surface, { name: `${of}: cells`, bytes: new Uint8Array(cells.buffer) });
    surfaces.add(surface, { name: `${of}: places`, bytes: new Uint8Array(positions.buffer) });
    surfaces.value(surface, `${of}: strings`, { strings, stampNs, leafM, hasOrigin });
  }
}

/** Reads an artefact that a command wrote, and adds it sealed and opened. */
export async function addArtefact(stage: Stage, path: string, name: string): Promise<void> {
  const veil = Uint8Array.from(await readFile(path));
  stage.surfaces.add("written", { name, bytes: veil, isCiphertext: true });
  await addOpened(stage, "written", name, veil, await recipientKey(stage));
}
