/** docs/embedding-costs.md, made from the published costs. */
import { fileURLToPath } from "node:url";
import type { Baseline, Published } from "../budgets.ts";

export const COSTS_PAGE = fileURLToPath(
  new URL("../../../../docs/embedding-costs.md", import.meta.url),
);

const count = (value: number) => value.toLocaleString("en-US");

const HEAD = `# What calls of the C library cost

Instructions of one call, counted, not timed: by callgrind on x86-64, and by qemu's clock for a Cortex-M7 (mps2-an500,
\`-icount shift=0\`, to 40 instructions), gcc -O2. Made by \`npx tsx test/embed/proof/budgets.ts --update\`; what grows by more
than 3 % fails the tests.

- **real** is the most of all calls of a real VLP-16 frame, in the checked build.
- **worst found** is the worst that a seeded search has found (\`--search\`): over point layouts, cells that are strewn or repeat,
  frames that are larger than they were said to be, most boxes, no-go areas and vertices. It is no proof that nothing is worse.
- A \`frame_push\` costs the same for every point, but for two steps that are in the worst: a table that grows (standard), a list
  that is full and is sorted (micro). A frame whose slots are said (\`mapveil_frame.slots\`) has no table that grows.
- Cells that collide in the table of standard were not searched for: whoever places the points does not know its secret seed. Without
  one (\`mapveil_frame.seed\` 0) they add at most 4,096 looks into the table, and two a point, to all pushes of a frame together.
- The worst of wide was not searched for: it is that of standard with sixteen times the points, and not held by the tests.
- Most of the worst of a push is the policy's: every point is held against every edge of every no-go area whose bounds it is in.
`;

function table(profile: string, { target, costs, stackBytes }: Published): string {
  const rows = Object.entries(costs).map(
    ([name, { real, checked, unchecked }]) =>
      `| ${name} | ${count(real)} | ${count(checked)} | ${count(unchecked)} |`,
  );
  return [
    `## ${profile}, ${target}`,
    "",
    "| call | real | worst found, checked | worst found, unchecked |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    ...(stackBytes === 0
      ? []
      : ["", `Deepest stack of all these calls: ${stackBytes} bytes, painted.`]),
    "",
  ].join("\n");
}

/** The page. */
export function costsPage({ profiles }: Baseline): string {
  const tables = Object.entries(profiles).map(([name, published]) => table(name, published));
  return [HEAD, ...tables].join("\n");
}
