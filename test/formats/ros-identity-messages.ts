/** Messages that name a robot, its parts, its people and its home, field by field, for readers to find. */
import {
  type Encoding,
  type Message,
  MessageWriter,
  occupancyGrid,
  stampedPose,
  transforms,
} from "./ros-builders.ts";

export const START = 1_712_345_678_123_456_789n;
export const TURN = [0, 0, 0, 1];

const writer = (encoding: Encoding) => new MessageWriter(encoding).header(START, "secret_frame");

/** By type. */
export const IDENTITY_MESSAGES: Readonly<Record<string, (encoding: Encoding) => Buffer>> = {
  "sensor_msgs/NavSatFix": (encoding) => {
    const message = writer(encoding).value("u8", 0).align(2).bytes(Uint8Array.of(1, 0));
    for (const value of [48.137154, 11.576124, 519.25]) message.value("f64", value);
    return message.finish();
  },
  "diagnostic_msgs/DiagnosticArray": (encoding) => {
    const message = writer(encoding).value("u32", 1).value("u8", 0);
    for (const text of ["lidar of anna", "All well", "H0815-4711"]) message.string(text);
    const values = {
      "Serial Number": "SN-99-1234",
      "Firmware Version": "3.4.03",
      "Temperature (C)": "41.5",
      port: "/dev/ttyACM7",
    };
    message.value("u32", Object.keys(values).length);
    for (const [key, value] of Object.entries(values)) message.string(key).string(value);
    return message.finish();
  },
  "nav_msgs/Path": (encoding) => {
    const message = writer(encoding).value("u32", 2);
    for (const x of [12.5, 13.5]) {
      message.header(START, "secret_frame");
      for (const part of [x, -7.25, 0, ...TURN]) message.value("f64", part);
    }
    return message.finish();
  },
  "nav_msgs/Odometry": (encoding) =>
    stampedPose(START, [21.5, 22.5, 0, ...TURN], encoding, "base_7"),
  "tf2_msgs/TFMessage": (encoding) =>
    transforms([{ parent: "odom", child: "arm_7", pose: [31.5, 0, 0, ...TURN] }], START, encoding),
  "nav_msgs/OccupancyGrid": (encoding) =>
    occupancyGrid([0, 100], { encoding, origin: [-41.5, 42.5, 0, ...TURN] }),
  "sensor_msgs/CompressedImage": (encoding) => {
    const exif = Buffer.from("\xff\xd8\xff\xe1\0\x40Exif\0\0Camera of Anna\0", "latin1");
    const message = writer(encoding).string("jpeg");
    return message.value("u32", exif.length).bytes(exif).finish();
  },
  "sensor_msgs/BatteryState": (encoding) => {
    const message = writer(encoding);
    // ROS 1 had no temperatures for long.
    const temperatures = encoding === "ros1" ? 0 : 1;
    for (let i = 0; i < 6 + temperatures; i++) message.value("f32", i);
    message.bytes(Uint8Array.of(1, 1, 1, 1));
    for (let list = 0; list <= temperatures; list++) message.value("u32", 1).value("f32", 3.7);
    return message.string("slot 2").string("BAT-553311").finish();
  },
  "sensor_msgs/Imu": (encoding) => writer(encoding).finish(),
};

export function logMessage(encoding: Encoding): Message {
  const isRos1 = encoding === "ros1";
  const message = new MessageWriter(encoding);
  if (isRos1) message.header(START, "");
  else message.value("i32", 1_712_345_678).value("u32", 123_456_789);
  message.value("u8", 20).string("/driver_of_anna").string("cannot reach anna-laptop.local");
  message.string("/home/anna/ws/src/driver.cpp").string("connect").value("u32", 7);
  if (isRos1) message.value("u32", 1).string("/rosout");
  const type = isRos1 ? "rosgraph_msgs/Log" : "rcl_interfaces/Log";
  return { topic: "/rosout", type, timeNs: START, data: message.finish() };
}

/** All of them, each on a topic of its own. */
export function identityMessages(encoding: Encoding): Message[] {
  const built = Object.entries(IDENTITY_MESSAGES).map(([type, build]) => {
    return { topic: `/7/${type}`, type, timeNs: START, data: build(encoding) };
  });
  return [...built, logMessage(encoding)];
}
