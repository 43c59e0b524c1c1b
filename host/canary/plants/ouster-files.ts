/** A capture of an Ouster lidar: addresses and serial number in every packet, and the sensor's JSON. */
import { between, type Uniform, uniform } from "../../scenes/random.ts";
import type { Planter } from "../planter.ts";
import { type PlantedFile, plantedName } from "./file.ts";

/** The profile RNG15_RFL8_NIR8: 15 bits of range in steps of 8 mm, reflectivity, near infrared. */
const ROWS = 16;
const COLUMNS = 512;
const COLUMNS_PER_PACKET = 16;
const COLUMN_BYTES = 12 + 4 * ROWS;
const EDGE_BYTES = 32;
const PACKET_BYTES = 2 * EDGE_BYTES + COLUMNS_PER_PACKET * COLUMN_BYTES;
const PORT = 7502;
const FRAMES = 2;

const macBytes = (text: string) => Buffer.from(text.replaceAll(":", ""), "hex");

/** Ethernet, IPv4 and UDP around a payload. */
function datagram(planter: Planter, payload: Buffer): Buffer {
  const carrier = "headers of packets";
  const head = Buffer.alloc(42);
  macBytes(planter.text("mac", carrier)).copy(head, 0);
  macBytes(planter.text("mac", carrier)).copy(head, 6);
  head.writeUInt16BE(0x0800, 12);
  head[14] = 0x45;
  head.writeUInt16BE(28 + payload.length, 16);
  head[22] = 64;
  head[23] = 17;
  for (const at of [26, 30]) {
    Buffer.from(planter.text("ipv4", carrier).split(".").map(Number)).copy(head, at);
  }
  head.writeUInt16BE(PORT, 34);
  head.writeUInt16BE(PORT, 36);
  head.writeUInt16BE(8 + payload.length, 38);
  return Buffer.concat([head, payload]);
}

function packet(serial: bigint, session: number, stampNs: bigint, number: number, next: Uniform) {
  const bytes = Buffer.alloc(PACKET_BYTES);
  const perFrame = COLUMNS / COLUMNS_PER_PACKET;
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(Math.floor(number / perFrame) + 1, 2);
  bytes.writeUIntLE(session, 4, 3);
  bytes.writeUIntLE(Number(serial), 7, 5);
  for (let c = 0; c < COLUMNS_PER_PACKET; c++) {
    const at = EDGE_BYTES + c * COLUMN_BYTES;
    bytes.writeBigUInt64LE(stampNs + BigInt(c), at);
    bytes.writeUInt16LE((number % perFrame) * COLUMNS_PER_PACKET + c, at + 8);
    bytes.writeUInt16LE(1, at + 10);
    for (let row = 0; row < ROWS; row++) {
      const pixel = at + 12 + 4 * row;
      bytes.writeUInt16LE(Math.floor(between(next, 150, 1500)), pixel);
      bytes[pixel + 2] = 40;
    }
  }
  return bytes;
}

/** The capture and the JSON beside it, which has the same name. */
export function plantedOuster(planter: Planter): PlantedFile[] {
  const carrier = "packets of a lidar";
  const serial = planter.text("sensor_serial", carrier);
  const stampNs = BigInt(planter.value("visit_time", carrier));
  const next = uniform(Number(serial));
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  const records = Array.from({ length: (FRAMES * COLUMNS) / COLUMNS_PER_PACKET }, (_, i) => {
    const data = datagram(planter, packet(BigInt(serial), 4711, stampNs + BigInt(i), i, next));
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Number(stampNs / 1_000_000_000n), 0);
    record.writeUInt32LE(Number((stampNs / 1000n) % 1_000_000n), 4);
    record.writeUInt32LE(data.length, 8);
    record.writeUInt32LE(data.length, 12);
    return Buffer.concat([record, data]);
  });
  const name = plantedName(planter, "");
  const json = Buffer.from(JSON.stringify(sensorJson(planter, serial)));
  return [
    { name: `${name}.pcap`, bytes: Buffer.concat([header, ...records]), kind: "scans" },
    { name: `${name}.json`, bytes: json, kind: "beside" },
  ];
}

function sensorJson(planter: Planter, serial: string): object {
  const carrier = "JSON of a lidar";
  const rows = (value: (row: number) => number) => Array.from({ length: ROWS }, (_, i) => value(i));
  const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 36, 0, 0, 0, 1];
  return {
    prod_sn: serial,
    base_sn: planter.text("sensor_serial", carrier),
    prod_pn: planter.text("robot_number", carrier),
    image_rev: planter.text("nickname", carrier),
    build_rev: planter.text("token", carrier),
    build_date: planter.text("birth", carrier),
    hostname: planter.text("email", carrier),
    udp_dest: planter.text("ipv4", carrier),
    udp_ip: planter.text("ipv6", carrier),
    initialization_id: planter.text("user_id", carrier),
    prod_line: planter.text("person", carrier),
    user_data: planter.texts(carrier).join("\n"),
    udp_profile_lidar: "RNG15_RFL8_NIR8",
    udp_port_lidar: PORT,
    lidar_mode: `${COLUMNS}x10`,
    pixels_per_column: ROWS,
    columns_per_frame: COLUMNS,
    columns_per_packet: COLUMNS_PER_PACKET,
    beam_altitude_angles: rows((row) => 20 - (40 * row) / ROWS),
    beam_azimuth_angles: rows(
      () => Number(planter.value("latitude", "calibration of a lidar")) / 30,
    ),
    lidar_origin_to_beam_origin_mm: 15.8,
    lidar_to_sensor_transform: identity,
  };
}
