/** Seeded homes with people in them, and measures of how much of the people is left in a map. */
export { type FolderResult, runFolder, writeFolder } from "./benchmark-folder.ts";
export { CellFinder } from "./cells.ts";
export { coreMapper } from "./core-mapper.ts";
export { type Home, makeHome, solidsOf } from "./home.ts";
export { LAYOUTS, type LayoutName } from "./layout.ts";
export {
  type Mapper,
  type PointMap,
  type RunResult,
  type RunTerms,
  runPeer,
  runScene,
} from "./measure.ts";
export {
  addFigures,
  associatedAccuracy,
  dynamicAccuracy,
  dynamicAccuracyApart,
  type Figures,
  harmonicAccuracy,
  type PersonFigures,
  personFramesShare,
  staticAccuracy,
  VISIBLE_POINTS,
} from "./metrics.ts";
export type { Person, PersonKind } from "./people.ts";
export {
  frameOf,
  type LabelledScan,
  makeScene,
  type Scan,
  type Scene,
  type SceneTerms,
} from "./scene.ts";
export { SENSORS, type Sensor, type SensorName } from "./sensors.ts";
