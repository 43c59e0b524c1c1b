/** pcapng captures give the frames of a pcap with the same packets, and tell who captured them. */
import { describe, expect, it } from "vitest";
import { capture, SENSOR_MAC } from "./capture-builder.ts";
import { CAPTURER, type PcapngOptions, pcapng } from "./pcapng-builder.ts";
import { errorOf, metadataOf, readAll, temporaryFolder, writeInput } from "./samples.ts";
import { velodyneTurns } from "./velodyne-encoder.ts";

const START = 1_700_000_400_123_456_000n;
const folder = temporaryFolder();
let files = 0;
const packets = velodyneTurns(90, START);
const written = (options?: PcapngOptions) =>
  writeInput(folder, `${files++}.pcapng`, pcapng(packets, options));

describe("a pcapng capture", () => {
  it.each<[string, PcapngOptions]>([
    ["little-endian, in microseconds", {}],
    ["big-endian, in nanoseconds", { little: false, resolution: 9 }],
    ["in parts of two, from another zero", { resolution: 0x9e, offsetS: 1_000_000n }],
  ])("gives the frames of a pcap: %s", async (_, options) => {
    const plain = await readAll(writeInput(folder, `${files++}.pcap`, capture(packets)));
    const frames = await readAll(written(options));
    expect(frames.map(({ count }) => count)).toEqual(plain.map(({ count }) => count));
    for (const [i, { stampNs, data, count }] of frames.entries()) {
      // Parts of two are not whole nanoseconds, microseconds not the packets' own.
      expect(Math.abs(Number(stampNs! - plain[i]!.stampNs!))).toBeLessThan(1000);
      expect(
        Buffer.compare(data.subarray(0, 16 * count), plain[i]!.data.subarray(0, 16 * count)),
      ).toBe(0);
    }
  });

  it("is read under the name .pcap as well", async () => {
    expect(await readAll(writeInput(folder, "named.pcap", pcapng(packets)))).toHaveLength(2);
  });

  it("tells the machine, its network and its notes", async () => {
    const [frame] = await readAll(written());
    expect(metadataOf(frame!, "comment")).toEqual([CAPTURER.comment]);
    expect(metadataOf(frame!, "software")).toEqual([CAPTURER.software]);
    expect(metadataOf(frame!, "raw_text")).toEqual([CAPTURER.interface]);
    expect(metadataOf(frame!, "host_name")).toEqual([CAPTURER.host]);
    const macs = [CAPTURER.mac, SENSOR_MAC];
    expect(metadataOf(frame!, "mac_address")).toEqual(expect.arrayContaining(macs));
    const addresses = [CAPTURER.address, "10.73.19.2", "10.73.19.201"];
    expect(metadataOf(frame!, "ip_address")).toEqual(expect.arrayContaining(addresses));
  });

  it.each<[string, PcapngOptions, RegExp]>([
    ["of another link", { link: 113 }, /link type .* is 113; only Ethernet/],
    ["of packets without a time", { packetType: 3 }, /has no time/],
    ["of no interface", { interfaceOf: 1 }, /a packet is of no interface/],
    ["of a time beyond all clocks", { offsetS: 1n << 40n, resolution: 0 }, /a packet has no time/],
  ])("is refused: %s", async (_, options, message) => {
    const error = await errorOf(written(options));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(message);
  });

  it("with a block of no possible length is refused where it stands", async () => {
    const bytes = pcapng(packets);
    for (const length of [0, 8, 13, 0xffff_fff0]) {
      bytes.writeUInt32LE(length, 4);
      const error = await errorOf(writeInput(folder, "length.pcapng", bytes));
      expect(error.message).toMatch(/length of a block.*offset 0|offset 0 should have/);
    }
  });
});
