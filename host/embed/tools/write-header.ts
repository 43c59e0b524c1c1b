/** The interface for C and C++: host/embed/include/mapveil_abi.h. */
import {
  type Abi,
  constant,
  endOf,
  type Field,
  profileLimits,
  regionBytes,
  type Struct,
} from "./abi-schema.ts";
import { asSentence, comment, describeRow, fieldDoc, GENERATED } from "./comments.ts";

const C_TYPES: Readonly<Record<string, string>> = {
  u8: "uint8_t",
  u16: "uint16_t",
  u32: "uint32_t",
  i32: "int32_t",
  u64: "uint64_t",
  f32: "float",
  f64: "double",
};

const PROLOGUE = `#ifndef MAPVEIL_ABI_H
#define MAPVEIL_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Mapveil's structs are little-endian: this machine is not"
#endif

#if defined(__cplusplus)
#define MAPVEIL_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MAPVEIL_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define MAPVEIL_ASSERT(name, condition) typedef char mapveil_assert_##name[(condition) ? 1 : -1]
#endif

MAPVEIL_ASSERT(float_is_binary32, sizeof(float) == 4);
MAPVEIL_ASSERT(double_is_binary64, sizeof(double) == 8);`;

const section = (title: string) => `\n/* ${title} */\n`;

function define(name: string, value: number | string, doc?: string): string {
  const line = `#define MAPVEIL_${name} ${typeof value === "number" && value < 0 ? `(${value})` : value}`;
  return doc === undefined ? line : `${comment(doc)}\n${line}`;
}

/** Member lines of a struct; what lies between two fields gets a name, so that no compiler pads. */
function members(abi: Abi, struct: Struct): string[] {
  const lines: string[] = [];
  let end = 0;
  const gap = (until: number) => {
    if (until === end) return;
    const bytes = until - end;
    const name = `reserved_${end}`;
    lines.push(
      comment("Reserved: write 0.", "  "),
      bytes === 4 && end % 4 === 0 ? `  uint32_t ${name};` : `  uint8_t ${name}[${bytes}];`,
    );
  };
  for (const field of struct.fields) {
    gap(field.offset);
    lines.push(comment(describeRow(field), "  "), `  ${member(field)}`);
    end = endOf(abi, field);
  }
  gap(struct.bytes);
  return lines;
}

function member(field: Field): string {
  const type = C_TYPES[field.type] ?? `mapveil_${field.type.toLowerCase()}`;
  return `${type} ${field.name}${field.count === undefined ? "" : `[${field.count}]`};`;
}

function structLines(abi: Abi, struct: Struct): string[] {
  const { name, doc, bytes, fields, wire } = struct;
  if (wire) {
    return [
      "",
      comment([doc, "Offsets in bytes; no C struct, since fields are not aligned."]),
      define(constant(name, "BYTES"), bytes),
      ...fields.map((field) => define(constant(name, field.name), field.offset, fieldDoc(field))),
    ];
  }
  const type = `mapveil_${name.toLowerCase()}`;
  const asserts = fields.map(
    (field) =>
      `MAPVEIL_ASSERT(${type}_${field.name}, offsetof(${type}, ${field.name}) == ${field.offset});`,
  );
  return [
    "",
    comment(doc),
    `typedef struct ${type} {`,
    ...members(abi, struct),
    `} ${type};`,
    define(constant(name, "BYTES"), bytes),
    `MAPVEIL_ASSERT(${type}_bytes, sizeof(${type}) == ${bytes});`,
    ...asserts,
  ];
}

function statusLines(abi: Abi): string[] {
  const list = abi.statuses.map(
    ({ name, value, text }) => `  X(MAPVEIL_${name}, ${value}, "${text}")`,
  );
  return [
    section("Status codes: calls return a count of 0 or more, or one of these."),
    "typedef enum mapveil_status {",
    "  MAPVEIL_OK = 0,",
    ...abi.statuses.flatMap(({ name, value, text }, i) => [
      comment(asSentence(text), "  "),
      `  MAPVEIL_${name} = ${value}${i + 1 < abi.statuses.length ? "," : ""}`,
    ]),
    "} mapveil_status;",
    "",
    comment("X(name, value, text) for every status below 0."),
    "#define MAPVEIL_STATUSES(X) \\",
    list.join(" \\\n"),
  ];
}

function profileLines(abi: Abi): string[] {
  const limits = profileLimits(abi);
  const blocks = abi.profiles.flatMap((profile, i) => [
    `#${i === 0 ? "if" : "elif"} defined(MAPVEIL_PROFILE_${profile.name.toUpperCase()})`,
    comment(profile.doc),
    define("PROFILE_NAME", `"${profile.name}"`),
    ...limits.map(({ name, unit, doc }) =>
      define(name, profile.limits[name]!, describeRow({ unit, doc })),
    ),
    ...abi.regions.map((region) =>
      define(`${region.name}_REGION_BYTES`, regionBytes(abi, profile, region)),
    ),
  ]);
  return [
    section(
      "Limits and region sizes of the profile that MAPVEIL_PROFILE_* names; 0: no such region.",
    ),
    ...blocks,
    "#endif",
  ];
}

/** C99 and C++17; structs without padding, their sizes and offsets asserted. */
export function writeHeader(abi: Abi): string {
  const { major, minor } = abi.version;
  const fixed = abi.limits.filter(({ value }) => value !== undefined);
  return [
    comment([
      "The binary interface of the Mapveil core: what its regions hold, and every number that it shares",
      "with hosts. For the C library (mapveil.h) and for hosts that load the WebAssembly module.",
      "",
      GENERATED,
    ]),
    PROLOGUE,
    section("Version: another major breaks hosts, a higher minor only adds."),
    define("ABI_MAJOR", major),
    define("ABI_MINOR", minor),
    define(
      "ABI",
      "(((uint32_t)MAPVEIL_ABI_MAJOR << 16) | (uint32_t)MAPVEIL_ABI_MINOR)",
      "As abi_version() tells it.",
    ),
    ...statusLines(abi),
    section("Limits of the format and of every profile."),
    ...fixed.map(({ name, value, unit, doc }) => define(name, value!, describeRow({ unit, doc }))),
    ...profileLines(abi),
    section("Regions: what mapveil_region(core, id) gives."),
    ...abi.regions.map(({ name, id, doc }) => define(constant("REGION", name), id, doc)),
    ...abi.enums.flatMap(({ name, doc, values }) => [
      section(`${name}_*: ${doc}`),
      ...values.map((value) => define(constant(name, value.name), value.value, value.doc)),
    ]),
    section("Structs."),
    ...abi.structs.flatMap((struct) => structLines(abi, struct)),
    "",
    "#endif",
    "",
  ].join("\n");
}
