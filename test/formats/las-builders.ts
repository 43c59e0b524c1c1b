/** LAS files of any version and point format, written field by field as the specification has them. */

const HEADER_BYTES = [227, 227, 227, 235, 375];
const POINT_BYTES = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

export interface LasPoint {
  /** In steps of the file. */
  readonly xyz: readonly [number, number, number];
  readonly intensity?: number;
  readonly withheld?: boolean;
  readonly source?: number;
  readonly user?: number;
  readonly gpsTime?: number;
}

export interface BuiltRecord {
  readonly user: string;
  readonly id: number;
  readonly description?: string;
  readonly content: Uint8Array;
}

export interface LasOptions {
  readonly minor?: number;
  readonly format?: number;
  readonly scale?: readonly [number, number, number];
  readonly offset?: readonly [number, number, number];
  readonly system?: string;
  readonly software?: string;
  readonly guid?: Uint8Array;
  readonly sourceId?: number;
  readonly day?: number;
  readonly year?: number;
  readonly isGpsAdjusted?: boolean;
  readonly records?: readonly BuiltRecord[];
  readonly extendedRecords?: readonly BuiltRecord[];
  readonly extraBytes?: number;
}

export function las(points: readonly LasPoint[], options: LasOptions = {}): Buffer {
  const { minor = 2, format = 0, records = [], extendedRecords = [], extraBytes = 0 } = options;
  const heads = records.map((one) => record(one, false));
  const header = Buffer.alloc(HEADER_BYTES[minor]!);
  const pointsOffset = header.length + heads.reduce((sum, { length }) => sum + length, 0);
  const pointStep = POINT_BYTES[format]! + extraBytes;
  header.write("LASF", 0, "latin1");
  header.writeUInt16LE(options.sourceId ?? 0, 4);
  header.writeUInt16LE(options.isGpsAdjusted ? 1 : 0, 6);
  header.set(options.guid ?? new Uint8Array(16), 8);
  header.set([1, minor], 24);
  header.write(options.system ?? "", 26, 32, "utf8");
  header.write(options.software ?? "", 58, 32, "utf8");
  header.writeUInt16LE(options.day ?? 0, 90);
  header.writeUInt16LE(options.year ?? 0, 92);
  header.writeUInt16LE(header.length, 94);
  header.writeUInt32LE(pointsOffset, 96);
  header.writeUInt32LE(records.length, 100);
  header.writeUInt8(format, 104);
  header.writeUInt16LE(pointStep, 105);
  header.writeUInt32LE(format < 6 ? points.length : 0, 107);
  for (const [i, value] of (options.scale ?? [0.001, 0.001, 0.001]).entries()) {
    header.writeDoubleLE(value, 131 + 8 * i);
  }
  for (const [i, value] of (options.offset ?? [0, 0, 0]).entries()) {
    header.writeDoubleLE(value, 155 + 8 * i);
  }
  if (minor >= 4) {
    header.writeBigUInt64LE(BigInt(pointsOffset + points.length * pointStep), 235);
    header.writeUInt32LE(extendedRecords.length, 243);
    header.writeBigUInt64LE(BigInt(points.length), 247);
  }
  const body = points.map((point) => pointBytes(point, format, pointStep));
  return Buffer.concat([header, ...heads, ...body, ...extendedRecords.map((e) => record(e, true))]);
}

function record({ user, id, description = "", content }: BuiltRecord, isExtended: boolean): Buffer {
  const head = Buffer.alloc(isExtended ? 60 : 54);
  head.write(user, 2, 16, "latin1");
  head.writeUInt16LE(id, 18);
  if (isExtended) head.writeBigUInt64LE(BigInt(content.length), 20);
  else head.writeUInt16LE(content.length, 20);
  head.write(description, head.length - 32, 32, "utf8");
  return Buffer.concat([head, content]);
}

function pointBytes(point: LasPoint, format: number, pointStep: number): Buffer {
  const wide = format >= 6;
  const bytes = Buffer.alloc(pointStep);
  for (const [i, value] of point.xyz.entries()) bytes.writeInt32LE(value, 4 * i);
  bytes.writeUInt16LE(point.intensity ?? 0, 12);
  bytes.writeUInt8(point.withheld ? (wide ? 0x04 : 0x80) : 0, 15);
  bytes.writeUInt8(point.user ?? 0, 17);
  bytes.writeUInt16LE(point.source ?? 0, wide ? 20 : 18);
  const timeAt = wide ? 22 : 20;
  if (wide || ![0, 2].includes(format)) bytes.writeDoubleLE(point.gpsTime ?? 0, timeAt);
  return bytes;
}
