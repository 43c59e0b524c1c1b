/** include/mapveil.h declares what the table of exports says, no more and no less, for every profile. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, readAbi } from "../../host/embed/tools/generate.ts";

/** What the library does by itself, or does otherwise than the module. */
const OWN = ["init", "buffer_bytes", "buffer_align", "status_text", "region", "region_bytes"];
/** Exports that the library asks of no core, or that it offers as OWN. */
const WITHOUT_CORE = ["abi_version", "capabilities", "limit", "region_ptr", "region_bytes"];

const abi = readAbi();
const text = readFileSync(join(ROOT, "host/embed/include/mapveil.h"), "utf8").replaceAll(
  /\/\*[\s\S]*?\*\//g,
  "",
);

/** Prototypes by name with their parameters, as they stand in the part of the header. */
function prototypes(part: string): Map<string, string> {
  const found = part.matchAll(/^(?:const )?\w+ \*?mapveil_(\w+)\(([^)]*)\);/gm);
  return new Map([...found].map(([, name, params]) => [name!, params!.replaceAll(/\s+/g, " ")]));
}

const MICRO_LEAVES_OUT = /#ifndef MAPVEIL_PROFILE_MICRO\n([\s\S]*?)#endif/g;
const MAPS_ALONE = /#if MAPVEIL_MAP_REGION_BYTES > 0\n[\s\S]*?#endif/g;
const leftOut = [...text.matchAll(MICRO_LEAVES_OUT)].map(([, part]) => part!).join("\n");

test.each(abi.profiles)("functions of the profile $name are its exports", ({ name }) => {
  const withMaps = name === "wide" ? text : text.replaceAll(MAPS_ALONE, "");
  const part = name === "micro" ? withMaps.replaceAll(MICRO_LEAVES_OUT, "") : withMaps;
  const declared = prototypes(part);
  const exported = abi.exports.filter(({ profiles }) => profiles.includes(name));
  const expected = [...OWN, ...exported.map((row) => row.name).filter((n) => n !== "region_ptr")];
  expect([...declared.keys()].sort()).toEqual([...new Set(expected)].sort());
  for (const { name: called, params } of exported) {
    if (WITHOUT_CORE.includes(called)) continue;
    const types = (declared.get(called) ?? "").split(", ").map((param) => param.split(" ")[0]);
    expect(types, called).toEqual(["mapveil", ...params.map(() => "uint32_t")]);
  }
});

test("the search finds prototypes, in the part that micro leaves out too", () => {
  expect(prototypes(leftOut).get("frame_voxels")).toBe(
    "mapveil *core, uint32_t first, uint32_t count",
  );
  expect(prototypes("int32_t mapveil_a(mapveil *core,\n  uint32_t b);")).toEqual(
    new Map([["a", "mapveil *core, uint32_t b"]]),
  );
});
