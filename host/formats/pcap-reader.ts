/** Captures of the network with the packets of a lidar. */
import { type ByteFile, openByteFile } from "./byte-file.ts";
import type { CapturedPayload } from "./captured-payload.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { MetadataList, type Tell } from "./metadata-list.ts";
import { packetFrames } from "./packet-frames.ts";
import { vendorOf } from "./packet-vendors.ts";
import { type CapturedPacket, readPcap } from "./pcap-records.ts";
import { isPcapng } from "./pcapng-blocks.ts";
import { readPcapng } from "./pcapng-records.ts";
import { type UdpPacket, UdpPackets } from "./udp-packets.ts";

/** What a loopback capture has, and what is sent to everybody: they name nobody. */
const NOBODY = new Set(["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "255.255.255.255"]);

type ReadPackets = (file: ByteFile, tell: Tell) => AsyncIterable<CapturedPacket>;

/** A capture of lidar packets; the packets themselves say who made the lidar. */
export async function openPcap(file: ByteFile, options: OpenOptions): Promise<FrameSource> {
  const read = isPcapng(await file.read(0, Math.min(4, file.size))) ? readPcapng : readPcap;
  const vendor = await lookForVendor(file.path, read);
  const input = { path: file.path, said: MetadataList.ofFile(file.path, options.reads) };
  const opened = await vendor.open(input, options);
  const { periodSeconds } = opened;
  const format = `${vendor.name}-pcap` as const;
  const facts = { format, ...(periodSeconds !== undefined && { periodSeconds }) };
  return makeSource(facts, file, () =>
    packetFrames(input, (tell) => readPayloads(file, read, tell), vendor, opened),
  );
}

/** Through a handle of its own, so that it does not count as progress. */
async function lookForVendor(path: string, read: ReadPackets) {
  const file = await openByteFile(path);
  try {
    return await vendorOf(readPayloads(file, read, () => {}));
  } finally {
    await file.close();
  }
}

async function* readPayloads(
  file: ByteFile,
  read: ReadPackets,
  tell: Tell,
): AsyncGenerator<CapturedPayload> {
  const udp = new UdpPackets();
  for await (const { stampNs, data } of read(file, tell)) {
    const packet = udp.push(data);
    if (packet === undefined) continue;
    const { payload, sourceAddress, targetPort } = packet;
    const tellOrigin = (tell: Tell) => tellAddresses(packet, tell);
    yield { payload, stampNs, source: sourceAddress, port: targetPort, tellOrigin };
  }
}

/** Addresses that name a device or a network. */
function tellAddresses(packet: UdpPacket, tell: Tell): void {
  const { sourceMac, targetMac, sourceAddress, targetAddress } = packet;
  for (const mac of [sourceMac, targetMac]) if (!NOBODY.has(mac)) tell("mac_address", mac);
  for (const address of [sourceAddress, targetAddress]) {
    if (!NOBODY.has(address)) tell("ip_address", address);
  }
}
