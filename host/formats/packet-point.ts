/** How the decoders of lidars' packets lay out a point: x y z f32, reflectivity u8, channel u8, time u16. */
import { type PointLayout, RING_SCALE } from "../core/frame.ts";

export const PACKET_POINT_STEP = 16;
export const REFLECTIVITY_AT = 12;
export const CHANNEL_AT = 13;
export const TIME_AT = 14;

/**
 * The layout of such points, metres.
 * @param timeUnits what the time counts to in a frame
 * @param hasChannels whether beams have numbers
 */
export function packetLayout(timeUnits: number, hasChannels: boolean): PointLayout {
  return {
    pointStep: PACKET_POINT_STEP,
    x: { offset: 0, type: "f32" },
    y: { offset: 4, type: "f32" },
    z: { offset: 8, type: "f32" },
    intensity: { offset: REFLECTIVITY_AT, type: "u8", scale: 1 / 255 },
    ...(hasChannels && { ring: { offset: CHANNEL_AT, type: "u8", ...RING_SCALE } }),
    time: { offset: TIME_AT, type: "u16", scale: 1 / timeUnits },
    otherFields: [],
  };
}
