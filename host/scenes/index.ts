/** Seeded homes with people in them, and measures of how much of the people is left in a map. */
export { type FolderResult, runFolder, writeFolder } from "./benchmark-folder.ts";
export { coreMapper } from "./core-mapper.ts";
export { makeHome, solidsOf } from "./home.ts";
export { LAYOUTS } from "./layout.ts";
export {
  type Mapper,
  type PointMap,
  runPeer,
  runScene,
} from "./measure.ts";
export {
  addFigures,
  associatedAccuracy,
  dynamicAccuracy,
  dynamicAccuracyApart,
  dynamicAccuracyShown,
  type Figures,
  harmonicAccuracy,
  personFramesShare,
  personFramesShareApart,
  personFramesShareShown,
  shownShare,
  staticAccuracy,
} from "./metrics.ts";
export { type Uniform, uniform } from "./random.ts";
export {
  frameOf,
  type LabelledScan,
  makeScene,
  type Scan,
  type Scene,
  type SceneTerms,
} from "./scene.ts";
export { SENSORS, type SensorName } from "./sensors.ts";
export { ShownCells } from "./shown.ts";
