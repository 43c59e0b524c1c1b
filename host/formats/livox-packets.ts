/** Livox as a maker of packets: they need nothing beside them. */
import type { PacketVendor } from "./captured-payload.ts";
import { LivoxFrames } from "./livox-frames.ts";
import { isLivoxControl } from "./livox-identity.ts";
import { livoxHeader } from "./livox-packet.ts";
import { LIVOX_FRAME_NS } from "./livox-points.ts";

/**
 * Frames hold 100 ms, a slot for each return that packets have room for; placeholders are exact
 * (0, 0, 0). Stamp: the first packet's by the lidar's clock, see frameTime.
 */
export const LIVOX: PacketVendor = {
  name: "livox",
  recognises: (payload) => livoxHeader(payload) !== undefined || isLivoxControl(payload),
  open: async ({ path, said }) => ({
    periodSeconds: LIVOX_FRAME_NS / 1e9,
    frames: () => new LivoxFrames(path, said),
  }),
};
