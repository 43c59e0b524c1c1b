/** The core's own map as what a scene is run through: points in, cells out, without the secret turn. */
import { Core } from "../core/core.ts";
import type { CoreBuild } from "../core/load-module.ts";
import type { MapTerms } from "../core/map.ts";
import { compileScans, defaultPolicy } from "../policy/index.ts";
import type { Mapper } from "./measure.ts";
import { frameOf } from "./scene.ts";

/** Eight bytes for the core's table of bricks: nobody attacks a scene. */
const SEED = new Uint8Array(8);

/**
 * A map of the core over cells of `leafM`, everything of a scan in it.
 * @param build the build that runs it; by default the better one that the engine can run
 */
export function coreMapper(terms: MapTerms, leafM: number, build?: CoreBuild): Mapper {
  const core = new Core(build);
  const policy = defaultPolicy();
  const bytes = compileScans(
    { ...policy, level: "map", map: { ...policy.map, leaf_m: leafM, people: "remove" } },
    terms.flat,
  );
  core.beginSession([0, 0, 0], [1, 0]);
  core.beginMap(terms);
  return {
    add: (scan) => {
      core.addToMap(frameOf(scan), bytes, SEED);
    },
    release: () => {
      const leaf = Math.fround(leafM);
      return Int32Array.from(core.copyMapVoxels("kept"), (centre) => Math.floor(centre / leaf));
    },
  };
}
