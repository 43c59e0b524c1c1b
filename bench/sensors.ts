/**
 * The sensors that a robot may carry, each in the modes it is used in: how many slots a frame has, how
 * often one comes, how its beams lie and how its usual driver lays a point out.
 *
 * Rates are what goes over the wire when nothing is dropped, empty slots included; they come from the
 * makers' manuals and the sources of drivers, named in each row. Elevations are spread evenly over the
 * field of view, also where a maker puts more beams in its middle.
 */

export interface SensorMode {
  /** As its maker calls it; also what the names of recordings begin with. */
  readonly name: string;
  readonly maker: string;
  readonly mode: string;
  readonly rateHz: number;
  /** Slots of a frame, both returns and the empty ones included. */
  readonly slots: number;
  /** Slots on the wire, as the source gives them. */
  readonly pointsPerSecond: number;
  /** Beams one above the other (lines of a raster); 1 for a planar lidar. */
  readonly beams: number;
  /** columns: all beams of an azimuth, then the next; rows: line by line, there and back. */
  readonly pattern: "columns" | "rows" | "rosette";
  /** Bytes of a point in the PointCloud2 of its usual driver. */
  readonly pointStep: number;
  /** Width of the field of view. */
  readonly azimuthDeg: number;
  /** Lowest and highest beam. */
  readonly elevationDeg: readonly [low: number, high: number];
  /** Dual return: what stands in the second slot of a beam that came back once. */
  readonly second?: "repeats" | "empty";
  /** Share of slots with a return in a recording of such a sensor, where one is known. */
  readonly validShare?: number;
  /** Where rate and layout come from. */
  readonly source: string;
}

/** x y z intensity f32, ring u16, time f32 (velodyne_pointcloud). */
const VELODYNE_STEP = 22;
/** ouster_ros::Point, aligned to 16 bytes. */
const OUSTER_STEP = 48;
/** x y z intensity f32, two bytes of tag and line or a ring u16, time f64 (Hesai, Livox, RoboSense). */
const TIMED_STEP = 26;
/** x y z intensity f32, as laser_geometry projects a LaserScan. */
const PLANAR_STEP = 16;

type Common = Omit<SensorMode, "mode" | "slots" | "pointsPerSecond" | "second">;

/** Single and dual return of a sensor whose dual mode has twice the slots. */
function singleAndDual(common: Common, slots: readonly [number, number], perSecond: number) {
  const { validShare, ...rest } = common;
  const single: SensorMode = {
    ...common,
    mode: "single",
    slots: slots[0],
    pointsPerSecond: perSecond,
  };
  const dual: SensorMode = {
    ...rest,
    mode: "dual",
    slots: slots[1],
    pointsPerSecond: 2 * perSecond,
    second: "repeats",
  };
  return [single, dual];
}

const velodyne = (name: string, beams: number, elevationDeg: readonly [number, number]) => ({
  name,
  maker: "Velodyne",
  rateHz: 10,
  beams,
  pattern: "columns" as const,
  pointStep: VELODYNE_STEP,
  azimuthDeg: 360,
  elevationDeg,
  source:
    "ros-drivers/velodyne, velodyne_driver/src/driver/driver.cc: packets a second of 384 slots",
});

const HDL_64E = velodyne("HDL-64E", 64, [-24.8, 2]);

const VELODYNE: readonly SensorMode[] = [
  ...singleAndDual(
    { ...velodyne("VLP-16", 16, [-15, 15]), validShare: 0.51 },
    [28_954, 57_907],
    289_536,
  ),
  {
    ...velodyne("VLP-32C", 32, [-25, 15]),
    mode: "single",
    slots: 57_869,
    pointsPerSecond: 578_688,
  },
  {
    ...velodyne("HDL-32E", 32, [-30.67, 10.67]),
    mode: "single",
    slots: 69_427,
    pointsPerSecond: 694_272,
    validShare: 0.93,
  },
  { ...HDL_64E, mode: "S2 single", slots: 133_331, pointsPerSecond: 1_333_313 },
  {
    ...HDL_64E,
    mode: "S3 dual",
    slots: 222_222,
    pointsPerSecond: 2_222_220,
    second: "repeats",
  },
  ...singleAndDual(
    { ...velodyne("VLS-128", 128, [-25, 15]), validShare: 0.87 },
    [240_150, 480_300],
    2_401_498,
  ),
];

function ouster(name: string, beams: number, columns: number, rateHz: number): SensorMode {
  const half = name.startsWith("OS0") ? 45 : 22.5;
  const shares: Readonly<Record<string, number>> = { "OS0-32": 0.66, "OS1-64": 0.73 };
  const validShare = shares[name] ?? 0.82;
  return {
    name,
    maker: "Ouster",
    mode: `${columns}x${rateHz}`,
    rateHz,
    slots: beams * columns,
    pointsPerSecond: beams * columns * rateHz,
    beams,
    pattern: "columns",
    pointStep: OUSTER_STEP,
    azimuthDeg: 360,
    elevationDeg: [-half, half],
    validShare,
    source: "ouster-lidar/ouster-sdk, sensor_config.h: LidarMode; checked against its captures",
  };
}

/** Both returns of every pixel; the second one is 0 where there is none. */
function ousterDual(single: SensorMode): SensorMode {
  const { validShare: _, ...rest } = single;
  return {
    ...rest,
    mode: `${single.mode} dual`,
    slots: 2 * single.slots,
    pointsPerSecond: 2 * single.pointsPerSecond,
    second: "empty",
  };
}

const OUSTER: readonly SensorMode[] = [
  ouster("OS0-32", 32, 1024, 10),
  ouster("OS0-32", 32, 1024, 20),
  ouster("OS1-64", 64, 1024, 10),
  ouster("OS1-64", 64, 1024, 20),
  ouster("OS1-128", 128, 1024, 10),
  ouster("OS1-128", 128, 1024, 20),
  ousterDual(ouster("OS1-128", 128, 1024, 10)),
  ouster("OS1-128", 128, 2048, 10),
  ousterDual(ouster("OS1-128", 128, 2048, 10)),
];

const hesai = (
  name: string,
  beams: number,
  elevationDeg: readonly [number, number],
  file: string,
) => ({
  name,
  maker: "Hesai",
  rateHz: 10,
  beams,
  pattern: "columns" as const,
  pointStep: TIMED_STEP,
  azimuthDeg: 360,
  elevationDeg,
  source: `tier4/nebula, ${file}: slots of a dual-return scan`,
});

const HESAI: readonly SensorMode[] = [
  ...singleAndDual(
    { ...hesai("XT32", 32, [-16, 15], "pandar_xt32.hpp"), validShare: 0.98 },
    [64_000, 128_000],
    640_000,
  ),
  ...singleAndDual(
    { ...hesai("Pandar64", 64, [-25, 15], "pandar_64.hpp"), validShare: 0.81 },
    [115_200, 230_400],
    1_152_000,
  ),
  ...singleAndDual(
    { ...hesai("AT128", 128, [-12.5, 12.9], "pandar_at128.hpp"), azimuthDeg: 120 },
    [153_600, 307_200],
    1_536_000,
  ),
  ...singleAndDual(
    hesai("QT128", 128, [-52.6, 52.6], "pandar_qt128.hpp"),
    [86_400, 172_800],
    864_000,
  ),
  ...singleAndDual(
    hesai("OT128", 128, [-25, 15], "pandar_128e4x.hpp"),
    [345_600, 691_200],
    3_456_000,
  ),
];

const livox = (
  name: string,
  pointsPerSecond: number,
  azimuthDeg: number,
  elevationDeg: readonly [number, number],
  source: string,
): SensorMode => ({
  name,
  maker: "Livox",
  mode: "single",
  rateHz: 10,
  slots: pointsPerSecond / 10,
  pointsPerSecond,
  beams: 1,
  pattern: "rosette",
  pointStep: TIMED_STEP,
  azimuthDeg,
  elevationDeg,
  source,
});

const LIVOX: readonly SensorMode[] = [
  {
    ...livox("Mid-360", 200_000, 360, [-7, 52], "Livox-SDK/Livox-SDK2, livox_lidar_def.h"),
    validShare: 0.72,
  },
  livox("Avia", 240_000, 70.4, [-38.6, 38.6], "Livox-SDK/livox_ros_driver, lds.h: points a second"),
  livox("HAP", 452_000, 120, [-12.5, 12.5], "Livox, HAP data sheet"),
];

const ROBOSENSE: readonly SensorMode[] = [
  ...singleAndDual(
    {
      name: "M1",
      maker: "RoboSense",
      rateHz: 10,
      beams: 125,
      pattern: "rows",
      pointStep: TIMED_STEP,
      azimuthDeg: 120,
      elevationDeg: [-12.5, 12.5],
      source: "RoboSense-LiDAR/rs_driver, decoder_RSM1.hpp: 630 packets of 25 x 5",
    },
    [78_750, 157_500],
    787_500,
  ),
  ...singleAndDual(
    {
      name: "Ruby Plus",
      maker: "RoboSense",
      rateHz: 10,
      beams: 128,
      pattern: "columns",
      pointStep: TIMED_STEP,
      azimuthDeg: 360,
      elevationDeg: [-25, 15],
      source: "RoboSense, Ruby Plus manual: 128 lasers in 55.56 us",
    },
    [230_382, 460_763],
    2_303_816,
  ),
];

const planar = (
  name: string,
  maker: string,
  rateHz: number,
  pointsPerSecond: number,
): SensorMode => ({
  name,
  maker,
  mode: "2D",
  rateHz,
  slots: Math.round(pointsPerSecond / rateHz),
  pointsPerSecond,
  beams: 1,
  pattern: "columns",
  pointStep: PLANAR_STEP,
  azimuthDeg: 360,
  elevationDeg: [0, 0],
  source: "kaiaai/awesome-2d-lidars, README: samples a second",
});

const PLANAR: readonly SensorMode[] = [
  planar("RPLidar A1", "Slamtec", 5.5, 8000),
  planar("RPLidar A3", "Slamtec", 10, 16_000),
  planar("RPLidar S3", "Slamtec", 10, 32_000),
  planar("LDS-01", "Hitachi-LG", 5, 1800),
  planar("LDS-02", "LDROBOT", 5, 2300),
];

export const SENSORS: readonly SensorMode[] = [
  ...VELODYNE,
  ...OUSTER,
  ...HESAI,
  ...LIVOX,
  ...ROBOSENSE,
  ...PLANAR,
];

/** Stands for the table in a quick run: a cleaner, a house robot, and the goals. */
const QUICK = [
  "VLP-16 single",
  "OS1-128 1024x10",
  "OS1-128 2048x10",
  "OT128 dual",
  "Mid-360 single",
  "LDS-01 2D",
];

/** Name and mode: "OS1-128 1024x10". Unique. */
export const labelOf = ({ name, mode }: SensorMode) => `${name} ${mode}`;

/** Names were asked for that nothing has. */
export class UnknownName extends Error {}

/**
 * The sensors whose maker, name and mode hold one of `names`, whatever the case, or the one that is
 * called so in full; without names all, or in a `quick` run a handful.
 * @throws UnknownName with a list of what there is, if a name fits nothing
 */
export function selectSensors(names: readonly string[] | undefined, quick: boolean): SensorMode[] {
  if (names === undefined) {
    return SENSORS.filter((sensor) => !quick || QUICK.includes(labelOf(sensor)));
  }
  const labels = new Set(SENSORS.map((sensor) => labelOf(sensor).toLowerCase()));
  const fits = (sensor: SensorMode, name: string) =>
    labels.has(name.toLowerCase())
      ? labelOf(sensor).toLowerCase() === name.toLowerCase()
      : `${sensor.maker} ${labelOf(sensor)}`.toLowerCase().includes(name.toLowerCase());
  const unknown = names.find((name) => !SENSORS.some((sensor) => fits(sensor, name)));
  if (unknown !== undefined) {
    const all = SENSORS.map((sensor) => `${sensor.maker} ${labelOf(sensor)}`).join(", ");
    throw new UnknownName(`There is no sensor "${unknown}". There are: ${all}.`);
  }
  return SENSORS.filter((sensor) => names.some((name) => fits(sensor, name)));
}
