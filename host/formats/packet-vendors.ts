/** The makers of lidars whose packets are decoded, and how their packets are told apart. */
import type { CapturedPayload, PacketVendor } from "./captured-payload.ts";
import type { VendorName } from "./frame-source.ts";
import { HESAI } from "./hesai-packets.ts";
import { LIVOX } from "./livox-packets.ts";
import { OUSTER } from "./ouster-packets.ts";
import { ROBOSENSE } from "./robosense-frames.ts";
import { VELODYNE } from "./velodyne-frames.ts";

/** A capture may begin with other traffic; a lidar sends thousands of packets a second. */
const PACKETS_LOOKED_AT = 20_000;

/** Ouster stands last: its packets have no mark, only sizes that its metadata tells. */
const PACKET_VENDORS: readonly PacketVendor[] = [VELODYNE, HESAI, LIVOX, ROBOSENSE, OUSTER];

/** The maker with that name. */
export function vendorNamed(name: VendorName): PacketVendor {
  return PACKET_VENDORS.find((vendor) => vendor.name === name)!;
}

/**
 * Whose packets these are, by the first one that somebody knows. A fault of the input behind the
 * first packet ends the search, for the pass that decodes will meet it again.
 */
export async function vendorOf(payloads: AsyncIterable<CapturedPayload>): Promise<PacketVendor> {
  const marked = PACKET_VENDORS.filter((vendor) => vendor !== OUSTER);
  let seen = 0;
  try {
    for await (const { payload } of payloads) {
      const vendor = marked.find((one) => one.recognises(payload));
      if (vendor !== undefined) return vendor;
      if (++seen >= PACKETS_LOOKED_AT) break;
    }
  } catch (error) {
    if (seen === 0) throw error;
  }
  return OUSTER;
}
