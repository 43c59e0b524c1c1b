/** Drives the decoders of packets: one for each sensor of the input. */
import type { Frame } from "../core/frame.ts";
import type {
  OpenedPackets,
  PacketFrames,
  PacketInput,
  PacketVendor,
  Payloads,
} from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";

/** A robot has a handful of lidars. */
const SENSORS_MAX = 16;

/**
 * The frames of all sensors of an input in the order in which they end. Where `payloads` breaks off
 * with an error, the frames that were being gathered come first, then the error. BAD_INPUT if no
 * packet gave a point.
 */
export async function* packetFrames(
  { path, said }: PacketInput,
  payloads: Payloads,
  vendor: PacketVendor,
  opened: OpenedPackets,
): AsyncGenerator<Frame> {
  const sensors = new Map<string, PacketFrames>();
  const sensorOf = (key: string): PacketFrames => {
    const known = sensors.get(key);
    if (known !== undefined) return known;
    if (sensors.size >= SENSORS_MAX) throw tooManySensors(path);
    const sensor = opened.frames();
    sensors.set(key, sensor);
    return sensor;
  };
  let fault: unknown;
  let delivered = 0;
  try {
    for await (const packet of payloads(said.tell)) {
      // What other devices of the network sent makes no sensor of them.
      const key = opened.isOneSensor ? "" : packet.source;
      if (!sensors.has(key) && !vendor.recognises(packet.payload)) continue;
      const frame = sensorOf(key).push(packet);
      if (frame === undefined) continue;
      delivered++;
      yield frame;
    }
  } catch (error) {
    fault = error;
  }
  for (const sensor of sensors.values()) {
    const last = sensor.flush();
    if (last === undefined) continue;
    delivered++;
    yield last;
  }
  if (fault !== undefined) throw fault;
  if (delivered > 0) return;
  (sensors.values().next().value ?? opened.frames()).mustHaveDelivered();
}

function tooManySensors(path: string) {
  return badInput(
    path,
    `packets of more than ${SENSORS_MAX} lidars in one capture; split it by their addresses.`,
  );
}
