/** Ouster recordings: UDP packets in a .pcap beside the sensor's metadata .json. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Frame, MetadataField } from "../core/frame.ts";
import { ioError } from "../core/io-error.ts";
import type { ByteFile } from "./byte-file.ts";
import { type FrameSource, makeSource } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { type CapturedPayload, OusterFrames, packetFrames } from "./ouster-frames.ts";
import { type OusterMetadata, readOusterMetadata } from "./ouster-metadata.ts";
import { readPcap } from "./pcap-records.ts";
import { type UdpPacket, UdpPackets } from "./udp-packets.ts";

/**
 * An Ouster recording. Frames hold a slot for every column and row of the sensor's mode in the order
 * of measuring; slots without a return are exact (0, 0, 0). Stamp: capture of the first packet.
 * Metadata: `metadataPath`, or <name>.json, or the one .json whose name begins the recording's.
 */
export async function openOusterPcap(
  file: ByteFile,
  metadataPath: string | undefined,
): Promise<FrameSource> {
  const metadata = await readOusterMetadata(metadataPath ?? (await findMetadata(file.path)));
  const facts = { format: "ouster-pcap" as const, periodSeconds: metadata.periodSeconds };
  return makeSource(facts, file, () => readFrames(file, metadata));
}

async function* readFrames(file: ByteFile, metadata: OusterMetadata): AsyncGenerator<Frame> {
  const frames = new OusterFrames(file.path, metadata);
  yield* packetFrames(frames, readPayloads(file, frames, metadata.port));
}

async function* readPayloads(
  file: ByteFile,
  frames: OusterFrames,
  port: number | undefined,
): AsyncGenerator<CapturedPayload> {
  const udp = new UdpPackets();
  for await (const { stampNs, data } of readPcap(file)) {
    const packet = udp.push(data);
    if (packet === undefined) continue;
    if (port !== undefined && packet.targetPort !== port) {
      frames.refuse(`port ${packet.targetPort}`);
      continue;
    }
    yield { payload: packet.payload, stampNs, origin: originOf(packet) };
  }
}

/** Addresses that name a device or a network; the all-zero one of a loopback capture names none. */
function originOf(packet: UdpPacket): MetadataField[] {
  const macs = [packet.sourceMac, packet.targetMac].filter((mac) => mac !== "00:00:00:00:00:00");
  const addresses = [packet.sourceAddress, packet.targetAddress];
  return [
    ...macs.map((value): MetadataField => ({ name: "mac_address", value })),
    ...addresses.map((value): MetadataField => ({ name: "ip_address", value })),
  ];
}

async function findMetadata(path: string): Promise<string> {
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
    `the sensor's metadata was not found: looked for ${join(folder, `${stem}.json`)}. Ouster packets ` +
      "cannot be decoded without it; give its path with --metadata.",
    { field: "metadata" },
  );
}

function isStem(name: string, stem: string): boolean {
  return name.length > 0 && (stem.startsWith(`${name}_`) || stem.startsWith(`${name}.`));
}
