/** Serial numbers and numbers of robots by the forms that vendors give them. */
import { byPattern, type Detector } from "./detector.ts";

export const SERIALS: readonly Detector[] = [
  // Ouster prints 12 digits that begin with 99 or 122, also in the name of the sensor's host.
  byPattern("serial", /(?<!\d|\d\.|[a-z]\/)(?:99[12]\d{9}|122[0-4]\d{8})(?!\d|\.\d)/g),
  byPattern("serial", /(?<![0-9A-Za-z])os[12]?-\d{9,12}(?!\d)/g),
  // Most others are of ten capitals and digits or more: Livox 3JEDK380010Z39, Dreame P2028..EU..ZM. Times
  // in the basic form of ISO 8601 look like them.
  byPattern(
    "serial",
    /(?<![0-9A-Za-z_])[0-9A-Z]{10,24}(?![0-9A-Za-z_])/g,
    ([found]) =>
      /[A-Z]/.test(found) &&
      (found.match(/\d/g)?.length ?? 0) >= 5 &&
      !/^(?:\d{8}T\d{4,6}Z?|0X[0-9A-F]+)$/.test(found),
  ),
  // A kind of robot with a number in namespaces, topics and frame ids; up to two digits count places.
  byPattern(
    "serial",
    /(?<=(?<![A-Za-z])(?:robot|vacuum|cleaner|mower|unit|amr|agv|rover|bot|device|sweeper|base|roborock|dreame|ecovacs|narwal|roomba|valetudo|tb|turtlebot)[_-])(?=[0-9A-Za-z-]{0,24}\d)[0-9A-Za-z]{3,24}(?![0-9A-Za-z])/gi,
    ([found]) => {
      const digits = found.match(/\d/g)?.length ?? 0;
      return digits >= 3 || (digits === 2 && found.length >= 6);
    },
  ),
  byPattern(
    "serial",
    /(?<=(?:机器人|设备|扫地机|割草机|样机)[ ]?(?:[#№]|编号)?[ ]?)[A-Z]{1,4}[-]?\d{4,12}(?![0-9A-Za-z])/g,
  ),
];
