import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UdpPackets } from "../../host/formats/udp-packets.ts";
import { errorOf, OS1, readAll, temporaryFolder, writeInput } from "./samples.ts";

const METADATA = OS1.replace("_lb_n3.pcap", ".json");
const folder = temporaryFolder();

interface Piece {
  readonly offset: number;
  readonly more: boolean;
  readonly id?: number;
  readonly tags?: number;
}

/** An Ethernet frame with an IPv4 packet that carries `body`. */
function ethernet(body: Uint8Array, { offset, more, id = 1, tags = 0 }: Piece): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + body.length, 2);
  ip.writeUInt16BE(id, 4);
  ip.writeUInt16BE((offset >> 3) | (more ? 0x2000 : 0), 6);
  ip[9] = 17;
  ip.set([10, 0, 0, 1, 10, 0, 0, 2], 12);
  const mac = Buffer.from("0000000000020000000000010000", "hex").subarray(0, 12);
  const vlan = Buffer.from("81000001".repeat(tags), "hex");
  // Two bytes of padding behind, as on short Ethernet frames.
  return Buffer.concat([mac, vlan, Buffer.from([8, 0]), ip, body, Buffer.alloc(2)]);
}

const payload = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
const header = Buffer.alloc(8);
header.writeUInt16BE(7501, 0);
header.writeUInt16BE(7502, 2);
header.writeUInt16BE(8 + payload.length, 4);
const datagram = Buffer.concat([header, payload]);
const pieces = (id = 1) =>
  [0, 1480, 2960].map((offset) =>
    ethernet(datagram.subarray(offset, offset + 1480), { offset, more: offset < 2960, id }),
  );

describe("UdpPackets", () => {
  it("gives payload, port and addresses, through VLAN tags as well", () => {
    for (const tags of [0, 1, 2]) {
      const packet = new UdpPackets().push(ethernet(datagram, { offset: 0, more: false, tags }));
      expect(packet).toMatchObject({
        sourceMac: "00:00:00:00:00:01",
        targetMac: "00:00:00:00:00:02",
        sourceAddress: "10.0.0.1",
        targetAddress: "10.0.0.2",
        targetPort: 7502,
      });
      expect(payload.equals(packet!.payload)).toBe(true);
    }
  });

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]], [[0, 0, 1, 1, 2]]])(
    "joins fragments that arrive as %j",
    (order) => {
      const udp = new UdpPackets();
      const frames = pieces();
      const results = order.map((i) => udp.push(frames[i]!));
      expect(payload.equals(results.at(-1)!.payload)).toBe(true);
      expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
    },
  );

  it("keeps datagrams apart and forgets those that never become whole", () => {
    const udp = new UdpPackets();
    for (let id = 0; id < 5000; id++) expect(udp.push(pieces(id)[0]!)).toBeUndefined();
    expect(udp.push(pieces(0)[1]!)).toBeUndefined();
    expect(udp.push(pieces(4999)[1]!)).toBeUndefined();
    expect(payload.equals(udp.push(pieces(4999)[2]!)!.payload)).toBe(true);
  });

  it("drops what overlaps, and anything that is not whole UDP over IPv4", () => {
    const udp = new UdpPackets();
    const overlap = { offset: 8, more: false };
    udp.push(ethernet(datagram.subarray(0, 1480), { offset: 0, more: true }));
    expect(udp.push(ethernet(datagram.subarray(8, 1480), overlap))).toBeUndefined();
    const whole = ethernet(datagram, { offset: 0, more: false });
    for (let length = 0; length < 60; length++) {
      expect(new UdpPackets().push(whole.subarray(0, length))).toBeUndefined();
    }
  });
});

describe("pcap", () => {
  const original = readFileSync(OS1);
  const read = (name: string, content: Uint8Array) =>
    readAll(writeInput(folder, name, content), { metadataPath: METADATA });

  it("reads either byte order, micro- and nanoseconds, to the same points", async () => {
    const expected = await readAll(OS1);
    for (const [name, nano] of [
      ["big.pcap", false],
      ["nano.pcap", true],
    ] as const) {
      const frames = await read(name, bigEndian(original, nano));
      expect(frames.map((frame) => frame.stampNs)).toEqual(expected.map((f) => f.stampNs));
      frames.forEach((frame, i) => {
        expect(Buffer.from(frame.data).equals(expected[i]!.data)).toBe(true);
      });
    }
  });

  it("refuses other link types, and pcapng that is cut, with what to do", async () => {
    const cooked = Buffer.from(original);
    cooked.writeUInt32LE(113, 20);
    const path = writeInput(folder, "cooked.pcap", cooked);
    expect((await errorOf(path, { metadataPath: METADATA })).message).toMatch(/link type.*113/);
    const next = writeInput(folder, "next.pcap", Buffer.from("0a0d0d0a1c0000004d3c2b1a", "hex"));
    expect((await errorOf(next)).message).toMatch(/cut short or damaged; copy or record it again/);
  });
});

/** The same capture as a big-endian machine would have written it. */
function bigEndian(capture: Buffer, nano: boolean): Buffer {
  const copy = Buffer.from(capture);
  const swap = (at: number, size: 2 | 4) => {
    if (size === 2) copy.writeUInt16BE(capture.readUInt16LE(at), at);
    else copy.writeUInt32BE(capture.readUInt32LE(at), at);
  };
  copy.writeUInt32BE(nano ? 0xa1b23c4d : 0xa1b2c3d4, 0);
  for (const at of [4, 6] as const) swap(at, 2);
  for (const at of [8, 12, 16, 20]) swap(at, 4);
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8)) {
    for (const field of [0, 4, 8, 12]) swap(at + field, 4);
    if (nano) copy.writeUInt32BE(capture.readUInt32LE(at + 4) * 1000, at + 4);
  }
  return copy;
}
