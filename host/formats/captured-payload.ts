/** What readers of sensors' packets get, be they from a capture of the network or from messages. */
import type { Frame } from "../core/frame.ts";
import type { OpenOptions, VendorName } from "./frame-source.ts";
import type { MetadataList, Tell } from "./metadata-list.ts";

/** One UDP payload with its time of capture. */
export interface CapturedPayload {
  /** Valid until the next one is asked for. */
  readonly payload: Uint8Array;
  /** Nanoseconds since the Unix epoch, by the clock of whoever captured it. */
  readonly stampNs: bigint;
  /** Tells sensors apart: the address of the sender, or the topic. */
  readonly source: string;
  /** UDP port that it was sent to; messages do not keep it. */
  readonly port?: number;
  /** Tells what its envelope says of devices and networks. */
  readonly tellOrigin: (tell: Tell) => void;
}

/** Where packets are from, for what decoding needs beside them. */
export interface PacketInput {
  readonly path: string;
  /** What the input says of itself, for each frame to begin with; it grows while packets are read. */
  readonly said: MetadataList;
  /** Strings that were recorded beside the packets, in a pass of their own. */
  texts?(): AsyncIterable<string>;
}

/** All packets of an input in order; what the input says of itself goes to `tell`. */
export type Payloads = (tell: Tell) => AsyncIterable<CapturedPayload>;

/** Gathers the packets of one sensor into frames. */
export interface PacketFrames {
  /** Takes one payload; those that are not the sensor's are counted. Returns the frame before it. */
  push(packet: CapturedPayload): Frame | undefined;
  /** The frame that is being gathered; call at the end of the input. */
  flush(): Frame | undefined;
  /** Throws BAD_INPUT if no packet gave a point; says what there was instead. */
  mustHaveDelivered(): void;
}

export interface PacketVendor {
  readonly name: VendorName;
  /** True for a payload that this maker's sensors send, points or not, by its size and marks. */
  recognises(payload: Uint8Array): boolean;
  /** Throws BAD_INPUT if the input lacks what decoding needs. */
  open(input: PacketInput, options: OpenOptions): Promise<OpenedPackets>;
}

export interface OpenedPackets {
  /** Seconds from one frame to the next, if the sensor's mode is known. */
  readonly periodSeconds?: number;
  /** True if only one sensor is decoded, whatever address its packets have. */
  readonly isOneSensor?: true;
  /** For one sensor. */
  frames(): PacketFrames;
}
