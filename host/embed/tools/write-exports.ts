/** The exports as a TypeScript interface: host/core/core-exports.ts. */
import { type Abi, HOST_PROFILE } from "./abi-schema.ts";
import { comment, describeRow, GENERATED } from "./comments.ts";

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** host/core/core-exports.ts: the exports of the host's profile, typed. */
export function writeExports(abi: Abi): string {
  const exports = abi.exports
    .filter(({ profiles }) => profiles.includes(HOST_PROFILE))
    .map(({ name, params, result, doc, errors }) => {
      const lines = [
        doc,
        ...params.map((param) => `@param ${camel(param.name)} ${describeRow(param)}`),
        `@returns ${[result.doc, ...Object.keys(errors)].join(", ")}`,
      ];
      const list = params.map((param) => `${camel(param.name)}: number`).join(", ");
      return `${comment(lines, "  ")}\n  ${name}(${list}): number;`;
    });
  return [
    comment(["The exports of the core that Node loads.", "", GENERATED]),
    `import type { WasmMemory } from ${JSON.stringify("./webassembly.ts")};`,
    "",
    "export interface CoreExports {",
    "  readonly memory: WasmMemory;",
    ...exports,
    "}",
    "",
  ].join("\n");
}
