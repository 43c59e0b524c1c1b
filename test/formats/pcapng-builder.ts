/** Writes packets into pcapng files, as dumpcap does. */
import type { CapturedUdp } from "./capture-builder.ts";
import { ethernet } from "./capture-builder.ts";

export interface PcapngOptions {
  readonly little?: boolean;
  /** Value of if_tsresol; 6, microseconds, is not written. */
  readonly resolution?: number;
  /** Value of if_tsoffset in seconds. */
  readonly offsetS?: bigint;
  readonly link?: number;
  /** Type of the packet blocks. */
  readonly packetType?: number;
  readonly interfaceOf?: number;
}

export const CAPTURER = {
  comment: "recorded at the Muellers' by Ada",
  software: "Dumpcap 4.2.2 on ada-thinkpad",
  interface: "enp0s31f6-kitchen",
  mac: "9c:b6:d0:1e:44:a8",
  address: "10.73.19.45",
  host: "nas.mueller.home",
} as const;

/** A section with one interface, a table of names, a block that nobody knows, and the packets. */
export function pcapng(packets: readonly CapturedUdp[], options: PcapngOptions = {}): Buffer {
  const little = options.little ?? true;
  const number = (value: number | bigint, bytes: 2 | 4 | 8) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    const low = buffer.subarray(0, bytes);
    return little ? low : low.reverse();
  };
  const fill = (bytes: Uint8Array) =>
    Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const block = (type: number, ...parts: Uint8Array[]) => {
    const body = fill(Buffer.concat(parts));
    const length = number(body.length + 12, 4);
    return Buffer.concat([number(type, 4), length, body, length]);
  };
  const option = (code: number, value: Uint8Array | string) => {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([number(code, 2), number(bytes.length, 2), fill(bytes)]);
  };
  const end = option(0, "");
  const resolution = options.resolution ?? 6;
  const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  const offsetS = options.offsetS ?? 0n;
  const section = block(
    0x0a0d0d0a,
    ...[number(0x1a2b3c4d, 4), number(1, 2), number(0, 2), number(-1n, 8)],
    ...[option(1, CAPTURER.comment), option(4, CAPTURER.software), end],
  );
  const description = block(
    1,
    ...[number(options.link ?? 1, 2), number(0, 2), number(262_144, 4)],
    option(2, CAPTURER.interface),
    option(4, Buffer.from([10, 73, 19, 45, 255, 255, 255, 0])),
    option(6, Buffer.from(CAPTURER.mac.replaceAll(":", ""), "hex")),
    ...(resolution === 6 ? [] : [option(9, Buffer.from([resolution]))]),
    ...(offsetS === 0n ? [] : [option(14, number(offsetS, 8))]),
    end,
  );
  const named = Buffer.concat([Buffer.from([10, 73, 19, 2]), Buffer.from(`${CAPTURER.host}\0`)]);
  const records = packets.map((packet) => {
    const frame = ethernet(packet);
    const units = ((packet.timeNs - offsetS * 1_000_000_000n) * perSecond) / 1_000_000_000n;
    return block(
      options.packetType ?? 6,
      ...[
        number(options.interfaceOf ?? 0, 4),
        number(units >> 32n, 4),
        number(units & 0xffffffffn, 4),
      ],
      ...[number(frame.length, 4), number(frame.length, 4), fill(frame), option(1, "seen"), end],
    );
  });
  const unknown = block(0x0bad, Buffer.alloc(40, 7));
  return Buffer.concat([
    section,
    description,
    block(4, option(1, named), end),
    unknown,
    ...records,
  ]);
}
