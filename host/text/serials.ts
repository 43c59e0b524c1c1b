/** Serial numbers and numbers of robots by the forms that vendors give them. */
import { byPattern, type Detector } from "./detector.ts";

export const SERIALS: readonly Detector[] = [
  // Ouster prints 12 digits that begin with 99 or 122, also in the name of the sensor's host.
  byPattern("serial", /(?<!\d|\d\.|[a-z]\/)(?:99[12]\d{9}|122[0-4]\d{8})(?!\d|\.\d)/g),
  byPattern("serial", /(?<![0-9A-Za-z])os[12]?-\d{9,12}(?!\d)/g),
  // Livox: 14 or 15 signs, as 3JEDK380010Z39; HESAI: model letters and 10 digits or more.
  byPattern("serial", /(?<![0-9A-Za-z])[0-9][A-Z]{2,4}[A-Z0-9]{9,11}(?![0-9A-Za-z])/g, ([found]) =>
    /\d{3}/.test(found),
  ),
  byPattern(
    "serial",
    /(?<![0-9A-Za-z])(?:HS|XT|PA|QT|AT|FT|ET|JT|AG|VLP|HDL|RS|SN|DH)[0-9A-F]{8,20}(?![0-9A-Za-z])/g,
    ([found]) => /\d{4}/.test(found),
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
