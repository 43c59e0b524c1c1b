/** Ouster as a maker of packets: what the sensor's metadata says is needed before the first one. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ioError } from "../core/io-error.ts";
import type { OpenedPackets, PacketInput, PacketVendor } from "./captured-payload.ts";
import type { OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { OusterFrames } from "./ouster-frames.ts";
import { type OusterMetadata, parseOusterMetadata, readOusterMetadata } from "./ouster-metadata.ts";

/**
 * Frames hold a slot for every column and row of the sensor's mode in the order of measuring; slots
 * without a return are exact (0, 0, 0). Stamp: capture of the first packet. Metadata: `metadataPath`,
 * or what was recorded beside the packets, or <name>.json, or the one .json whose name begins the
 * recording's.
 */
export const OUSTER: PacketVendor = {
  name: "ouster",
  recognises: () => true,
  async open(input: PacketInput, { metadataPath }: OpenOptions): Promise<OpenedPackets> {
    const metadata =
      metadataPath === undefined
        ? await findMetadata(input)
        : await readOusterMetadata(metadataPath, input.said.tell);
    return {
      periodSeconds: metadata.periodSeconds,
      isOneSensor: true,
      frames: () => new OusterFrames(input.path, metadata, input.said),
    };
  },
};

async function findMetadata(input: PacketInput): Promise<OusterMetadata> {
  const { path, said, texts } = input;
  if (texts === undefined) return readOusterMetadata(await findBeside(path), said.tell);
  for await (const text of texts()) {
    if (text.includes("beam_altitude_angles")) return parseOusterMetadata(path, text, said.tell);
  }
  throw badInput(
    input.path,
    "the recording holds Ouster packets but no metadata string; " +
      "give the sensor's metadata .json with --metadata.",
    { field: "metadata" },
  );
}

async function findBeside(path: string): Promise<string> {
  const folder = dirname(path);
  const stem = basename(path).replace(/\.[^.]*$/, "");
  const names = await readdir(folder).catch((error: unknown) => {
    throw ioError(error, folder, "read");
  });
  if (names.includes(`${stem}.json`)) return join(folder, `${stem}.json`);
  // Recordings are often named after their metadata: X.json beside X_part1.pcap.
  const begins = names.filter((name) => name.endsWith(".json") && isStem(name.slice(0, -5), stem));
  if (begins.length === 1) return join(folder, begins[0]!);
  throw badInput(
    path,
    `no packet is of a maker that marks its packets, and the metadata of an Ouster sensor was not ` +
      `found: looked for ${join(folder, `${stem}.json`)}. Ouster packets cannot be decoded without ` +
      "it; give its path with --metadata.",
    { field: "metadata" },
  );
}

function isStem(name: string, stem: string): boolean {
  return name.length > 0 && (stem.startsWith(`${name}_`) || stem.startsWith(`${name}.`));
}
