/**
 * Draws docs/map.png: a generated home with people in it, as `mapveil preview --map` draws a recording.
 *
 *   npx tsx test/scenes/draw.ts [seed] [output]
 */
import { writeFileSync } from "node:fs";
import { previewMap } from "../../host/cli/preview-map.ts";
import { parsePolicy } from "../../host/policy/index.ts";
import { frameOf, makeScene } from "../../host/scenes/index.ts";

const [seed = "1", output = "docs/map.png"] = process.argv.slice(2);
const scene = makeScene({ seed: Number(seed), sensor: "vlp16", poseSigmaM: 0.01 });

async function* frames() {
  for (const scan of scene.scans()) yield frameOf(scan);
}

const policy = parsePolicy("version: 1\nlevel: map\n", "policy");
const { png, report } = await previewMap(frames(), { rules: { policy } });
writeFileSync(output, png);
console.log(`${output}: ${report.scans} scans, ${report.cells} voxels out`);
