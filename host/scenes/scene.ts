/** A robot's run through a home with people in it: scans whose every point is known. */
import type { Frame, Pose } from "../core/frame.ts";
import { Ground } from "./ground.ts";
import { type Home, makeHome, solidsOf } from "./home.ts";
import type { LayoutName } from "./layout.ts";
import { castPeople, type Person } from "./people.ts";
import { between, normal, pick, stream } from "./random.ts";
import { type Eye, type Labelled, RayCaster } from "./ray-caster.ts";
import { type Sensor, type SensorName, sensorOf } from "./sensors.ts";
import { Way } from "./way.ts";

export interface SceneTerms {
  /** Another home, other people, another way: every seed is another scene. */
  readonly seed: number;
  readonly sensor: SensorName;
  /** How long the run is; 60 s by default. */
  readonly seconds?: number;
  /** Deviation of the given pose from the true one along each axis, in metres; 0 by default. */
  readonly poseSigmaM?: number;
  /** Whether there is also somebody who never moves; nobody by default. */
  readonly still?: boolean;
  /** By default one kind after the other, seed by seed. */
  readonly layout?: LayoutName;
}

/** A scan as a robot has it. */
export interface Scan {
  readonly count: number;
  /** x y z of each point in the sensor's frame, metres. */
  readonly points: Float32Array;
  /** Sensor in the map, as the robot believes it to be. */
  readonly pose: Pose;
  readonly stampNs: bigint;
}

/** A scan with the truth about it. */
export interface LabelledScan extends Scan {
  readonly index: number;
  /** 0 for what stands still, else the id of a person, a point each. */
  readonly labels: Uint8Array;
  readonly truePose: Pose;
}

export interface Scene {
  readonly home: Home;
  readonly sensor: Sensor;
  readonly people: readonly Person[];
  readonly scanCount: number;
  /** The map's frame lies turned and moved in the home: home = map turned by yaw, then moved. */
  readonly mapInHome: Eye;
  /** The scans from the beginning; the same ones whenever it is asked. */
  scans(): Generator<LabelledScan, void, undefined>;
}

/** Yaw errs by so much for each metre of deviation of the position: 0.15 degrees at 3 cm. */
const YAW_SIGMA_RAD_PER_M = (0.05 * Math.PI) / 180 / 0.01;
const NS_PER_S = 1e9;
/** The stamp of the first scan: any will do. */
const START_NS = 1_700_000_000_000_000_000n;
const TURN_RADPS = 1.2;

/** The scene of a seed. */
export function makeScene(terms: SceneTerms): Scene {
  const { seed, seconds = 60, poseSigmaM = 0 } = terms;
  const home = makeHome(seed, terms.layout);
  const setup = stream(seed, "setup");
  const sensor = sensorOf(terms.sensor, setup());
  const heightM = between(setup, ...sensor.heightM);
  const people = castPeople(stream(seed, "people"), home, seconds, terms.still === true);
  const way = driveOf(seed, home, sensor, heightM, seconds);
  const start = way.at(0);
  // A map begins where the robot did, looking where it looked; its floor lies anywhere near 0.
  const mapInHome = { x: start.x, y: start.y, z: between(setup, -0.1, 0.1), yaw: start.yaw };
  const scanCount = Math.round(seconds * sensor.rateHz);
  const caster = new RayCaster(solidsOf(home), home.ceilingM);
  const scene = { home, sensor, people, scanCount, mapInHome };
  return { ...scene, scans };

  function* scans(): Generator<LabelledScan, void, undefined> {
    const noise = stream(seed, "noise");
    const gaussian = normal(noise);
    const poseGaussian = normal(stream(seed, "pose"));
    for (let index = 0; index < scanCount; index++) {
      const atS = index / sensor.rateHz;
      const { x, y, yaw } = way.at(atS);
      const eye: Eye = { x, y, z: heightM, yaw };
      const bodies = people.map((p) => ({ label: p.id, body: p.bodyAt(atS, eye) }));
      const truePose = poseIn(mapInHome, eye);
      const cloud = measure(caster, sensor, eye, bodies, noise, gaussian);
      const stampNs = START_NS + BigInt(Math.round((index * NS_PER_S) / sensor.rateHz));
      const pose = disturb(truePose, poseSigmaM, poseGaussian);
      yield { index, ...cloud, truePose, pose, stampNs };
    }
  }
}

/** Drives from room to room with short stops. */
function driveOf(seed: number, home: Home, sensor: Sensor, heightM: number, seconds: number): Way {
  const next = stream(seed, "drive");
  const ground = new Ground(home.area, sensor.robotRadiusM, heightM + 0.1);
  ground.block(solidsOf(home));
  const { x0, y0, x1, y1 } = home.doorways[0]!.ground;
  const reached = ground.reachable({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
  const rooms = home.rooms
    .map((room) => ground.placesIn(room, reached))
    .filter((places) => places.length > 0);
  const gait = { speedMps: between(next, ...sensor.robotSpeedMps), turnRadps: TURN_RADPS };
  const first = Math.floor(next() * rooms.length);
  const way = new Way(pick(next, rooms[first]!), between(next, -Math.PI, Math.PI));
  for (let room = first; way.endS < seconds; room = (room + 1) % rooms.length) {
    way.go(ground, pick(next, rooms[room]!), gait);
    way.pause(between(next, 0.2, 2));
  }
  return way;
}

function measure(
  caster: RayCaster,
  sensor: Sensor,
  eye: Eye,
  bodies: readonly Labelled[],
  next: () => number,
  gaussian: () => number,
): Pick<LabelledScan, "count" | "points" | "labels"> {
  const rays = sensor.columns * sensor.beams.length;
  const points = new Float32Array(3 * rays);
  const labels = new Uint8Array(rays);
  const stepRad = (2 * Math.PI) / sensor.columns;
  const firstRad = next() * stepRad;
  const [nearest, farthest] = sensor.rangeM;
  let count = 0;
  for (let column = 0; column < sensor.columns; column++) {
    const angle = firstRad + column * stepRad;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    caster.column(sensor.beams, eye, eye.yaw + angle, bodies, (beam, rangeM, label) => {
      const measured = rangeM + sensor.noiseM * gaussian();
      if (next() < sensor.lost || measured < nearest || !(measured <= farthest)) return;
      const elevation = sensor.beams[beam]!;
      points[3 * count] = measured * elevation.cos * cos;
      points[3 * count + 1] = measured * elevation.cos * sin;
      points[3 * count + 2] = measured * elevation.sin;
      labels[count] = label;
      count++;
    });
  }
  return { count, points: points.subarray(0, 3 * count), labels: labels.subarray(0, count) };
}

/** A pose over the floor as the map has it. */
function poseIn(map: Eye, eye: Eye): Pose {
  const [dx, dy] = [eye.x - map.x, eye.y - map.y];
  const [c, s] = [Math.cos(map.yaw), Math.sin(map.yaw)];
  return levelPose(c * dx + s * dy, c * dy - s * dx, eye.z - map.z, eye.yaw - map.yaw);
}

function levelPose(x: number, y: number, z: number, yaw: number): Pose {
  return { translation: [x, y, z], quaternion: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] };
}

/** White noise on position and yaw: worse than the slow drift of a good localisation. */
function disturb(pose: Pose, sigmaM: number, gaussian: () => number): Pose {
  if (sigmaM === 0) return pose;
  const [x, y, z] = pose.translation;
  const [, , qz, qw] = pose.quaternion;
  const yaw = 2 * Math.atan2(qz, qw);
  return levelPose(
    x + sigmaM * gaussian(),
    y + sigmaM * gaussian(),
    z + sigmaM * gaussian(),
    yaw + sigmaM * YAW_SIGMA_RAD_PER_M * gaussian(),
  );
}

/** A scan as a driver hands frames over. */
export function frameOf(scan: Scan): Frame {
  const { points, count, pose, stampNs } = scan;
  return {
    count,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(points.buffer, points.byteOffset, points.byteLength),
    stampNs,
    pose,
    metadata: [],
  };
}
