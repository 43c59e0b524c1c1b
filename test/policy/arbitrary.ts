/** Any valid policy file, as plain data. */
import fc from "fast-check";

const metre = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const flag = fc.boolean();

/** Two numbers that stay apart as f32. */
const pair = (min: number, max: number) =>
  fc
    .tuple(metre(min, max), metre(min, max))
    .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]))
    .filter(([a, b]) => Math.fround(a) < Math.fround(b));

const centre = fc.tuple(metre(-1e5, 1e5), metre(-1e5, 1e5), metre(-1e5, 1e5));
const size = fc.tuple(metre(0.001, 1e5), metre(0.001, 1e5), metre(0.001, 1e5));
const quaternion = fc
  .tuple(metre(-1, 1), metre(-1, 1), metre(-1, 1), metre(-1, 1))
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q) => q.map((component) => component / Math.hypot(...q)));

const box = fc
  .record({
    mode: fc.constantFrom("keep", "remove"),
    centre_m: centre,
    size_m: size,
    yaw_deg: metre(-360, 360),
    quaternion,
    turn: fc.constantFrom("yaw_deg", "quaternion", "none"),
  })
  .map(({ turn, yaw_deg, quaternion: q, ...rest }) => ({
    ...rest,
    ...(turn === "yaw_deg" ? { yaw_deg } : turn === "quaternion" ? { quaternion: q } : {}),
  }));

/** A star around a point is always simple. */
const polygon = fc.array(metre(1, 10), { minLength: 4, maxLength: 20 }).map((radii) =>
  radii.map((radius, i) => {
    const angle = (2 * Math.PI * i) / radii.length;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
);

const area = fc.record(
  { name: fc.constantFrom("bedroom", "卧室", "a b"), polygon_m: polygon, height_m: pair(-5, 5) },
  { requiredKeys: ["name", "polygon_m"] },
);

const time = fc.oneof(
  fc.constant("drop"),
  fc
    .tuple(fc.integer({ min: 1, max: 365 }), fc.constantFrom("s", "m", "h", "d"))
    .map(([n, unit]) => `${n}${unit}`),
);

const bits = fc.integer({ min: 1, max: 8 });

const map = fc.record(
  {
    leaf_m: metre(0.05, 1),
    hold_back: fc.constantFrom("0s", "1ms", "10s", "1h"),
    people: fc.constantFrom("remove", "slice"),
    slice_m: metre(-10, 10),
  },
  { requiredKeys: [] },
);

const plan = fc.record(
  {
    cell_m: metre(0.05, 2),
    clutter_m: metre(0, 5),
    rooms: fc.constantFrom("none", "types"),
  },
  { requiredKeys: [] },
);

/** Of single frames. What only level full may keep is dropped again at level frames. */
export const anyPolicy = fc
  .record(
    {
      level: fc.constantFrom("frames", "full"),
      leaf_m: metre(0.01, 10),
      point: fc.constantFrom("centre", "centroid"),
      centroid_bits: fc.integer({ min: 1, max: 6 }),
      pose: fc.constantFrom("drop", "session", "keep"),
      time,
      crop: fc.record(
        {
          range_m: pair(0, 1e5),
          height_m: pair(-1e5, 1e5),
          boxes: fc.array(box, { maxLength: 5 }),
        },
        { requiredKeys: [] },
      ),
      no_go: fc.record(
        { dilate_m: metre(0, 100), areas: fc.array(area, { maxLength: 5 }) },
        { requiredKeys: [] },
      ),
      intensity: fc.option(bits, { nil: undefined }),
      ring: fc.option(bits, { nil: undefined }),
      pointTime: fc.option(bits, { nil: undefined }),
      strings: fc.subarray(["sensor_model", "label", "frame_id", "topic"]),
      map,
      plan,
      path: fc.constantFrom("none", "coarse"),
      padding: fc.constantFrom("classes", "power_of_two", "padme"),
      namesBits: flag,
    },
    { noNullPrototype: true },
  )
  .map(({ intensity, ring, pointTime, strings, namesBits, centroid_bits, pose, ...rest }) => {
    const full = rest.level === "full";
    return {
      version: 1,
      ...rest,
      pose: pose === "keep" && !full ? "session" : pose,
      ...(rest.point === "centroid" && namesBits ? { centroid_bits } : {}),
      keep: {
        attributes: {
          ...(intensity === undefined ? {} : { intensity }),
          ...(ring === undefined || !full ? {} : { ring }),
          ...(pointTime === undefined || !full ? {} : { time: pointTime }),
        },
        strings,
      },
    };
  });
