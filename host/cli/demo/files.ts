/** What the demo writes below its folder, and what it removes of an earlier run. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type WrittenKeyPair, writeKeyPair } from "../../keys/index.ts";

export const DEMO_FILES = {
  key: "recipient.key",
  artefact: "frame.veil",
  cloud: "opened.pcd",
  picture: "preview.png",
  certificates: "certificates",
  robot: "robot",
  receiver: "receiver",
  sidecarConfig: "sidecar.yaml",
  receiverConfig: "receiver.yaml",
} as const;

/** Makes the folder and a fresh key pair; removes what an earlier demo left, but for the policy. */
export async function prepareDemo(folder: string): Promise<WrittenKeyPair> {
  await mkdir(folder, { recursive: true });
  const names = [...Object.values(DEMO_FILES), `${DEMO_FILES.key}.pub`];
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  return writeKeyPair(join(folder, DEMO_FILES.key));
}
