/**
 * Every rule that keeps something back, and the change of one line that switches it off. With it the
 * same search must find what the rule holds: else the search is blind there, or the rule useless.
 */

/** A change of a source: `from` must stand there exactly once, in the source and in what it becomes. */
export interface Change {
  /** As "assembly/strip/metadata.ts" or "host/veil/passing-strings.ts". */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutation {
  readonly id: string;
  /** What the rule does, for people. */
  readonly words: string;
  /** The part of the way on which it shows. */
  readonly part: "frames" | "policies" | "files" | "processes";
  /**
   * What somebody else must do wrong for the rule to be needed, as hand a serial number to the log.
   * With these changes alone nothing may be found.
   */
  readonly careless?: readonly Change[];
  readonly off: readonly Change[];
}

const METADATA = "assembly/strip/metadata.ts";
const POSE = "assembly/strip/pose.ts";
const DETECTORS = "host/text/detectors.ts";

const NO_LIST: readonly Change[] = [
  {
    file: METADATA,
    from: "return (((load<u64>(POLICY_PTR, POLICY_FIELDS) & PASSABLE) >> <u64>id) & 1) != 0;",
    to: "return true;",
  },
];
const NO_NEVER: readonly Change[] = [
  {
    file: METADATA,
    from: "if (id >= <u32>META_NEVER) return false;",
    to: "if (id >= <u32>META_NEVER) return true;",
  },
];

const CORE: readonly Mutation[] = [
  { id: "core-list", words: "the policy's list of strings", part: "policies", off: NO_LIST },
  { id: "core-never", words: "fields that never pass", part: "policies", off: NO_NEVER },
  {
    id: "core-length",
    words: "the length of strings",
    part: "policies",
    off: [{ file: METADATA, from: "bytes <= <u32>META_STRING_MAX", to: "bytes <= 1000" }],
  },
  {
    id: "core-control",
    words: "control characters",
    part: "policies",
    off: [{ file: "assembly/strip/text.ts", from: "first >= 0x20 &&", to: "first >= 0x01 &&" }],
  },
  {
    id: "core-once",
    words: "each field once",
    part: "policies",
    off: [{ file: METADATA, from: "passes(id) && !repeated &&", to: "passes(id) &&" }],
  },
  {
    id: "core-time-drop",
    words: "dropping the time",
    part: "policies",
    off: [
      {
        file: METADATA,
        from: "const granularity = load<u64>(POLICY_PTR, POLICY_TIME_NS);",
        to: "const granularity = max<u64>(1, load<u64>(POLICY_PTR, POLICY_TIME_NS));",
      },
    ],
  },
  {
    id: "core-time-floor",
    words: "flooring the time",
    part: "policies",
    off: [
      { file: "assembly/strip/time.ts", from: "return stampNs - rest;", to: "return stampNs;" },
    ],
  },
  {
    id: "core-pose-drop",
    words: "dropping the pose",
    part: "policies",
    off: [{ file: POSE, from: "if (mode == POSE_DROP) return 0;", to: "" }],
  },
  {
    id: "core-pose-session",
    words: "poses of a session from a secret origin",
    part: "policies",
    off: [
      {
        file: POSE,
        from: "multiply(SCRATCH, FIRST_INVERSE, POSE);\n    multiply(POSE, SECRET, SCRATCH);",
        to: "",
      },
    ],
  },
];

/** Switches a group of detectors of free text off. */
function withoutDetectors(name: string, words: string): Mutation {
  return {
    id: `text-${name.toLowerCase()}`,
    words: `redaction in strings that pass: ${words}`,
    part: "policies",
    off: [{ file: DETECTORS, from: `...${name}`, to: "...[]" }],
  };
}

const TEXT: readonly Mutation[] = [
  {
    id: "text-frames",
    words: "redaction of strings that pass",
    part: "policies",
    off: [
      {
        file: "host/veil/passing-strings.ts",
        from: "const { text, found } = this.#redacted(value);",
        to: "const { text, found } = { text: value, found: [] };",
      },
    ],
  },
  {
    id: "text-maps",
    words: "redaction of strings that pass in a map",
    part: "policies",
    off: [
      {
        file: "host/veil/map-maker.ts",
        from: "this.#strings.redact([field], named);",
        to: "{ metadata: [field], redacted: {} };",
      },
    ],
  },
  withoutDetectors("TOKENS", "tokens, UUIDs, hashes"),
  withoutDetectors("ONLINE", "e-mail addresses, URLs, home folders"),
  withoutDetectors("NUMBERS", "numbers of documents and SIMs"),
  withoutDetectors("PHONES", "telephone numbers"),
  withoutDetectors("NETWORK", "hardware, IP and host addresses"),
  withoutDetectors("BY_KEY", "values behind a name such as password"),
];

/** Hands the planted name of a client to the log, in the place of something harmless. */
const CARELESS_LOG = "host/sidecar/sidecar.ts";

const SAID: readonly Mutation[] = [
  {
    id: "log-fields",
    words: "the log's list of what a field may look like",
    part: "processes",
    careless: [
      {
        file: CARELESS_LOG,
        from: 'options.log.info("sidecar_started", {',
        to: 'options.log.info("sidecar_started", { reason: options.clients[0].name,',
      },
    ],
    off: [
      {
        file: "host/telemetry/create-log.ts",
        from: "const shown = plain(name, value);",
        to: "const shown = String(value);",
      },
    ],
  },
  {
    id: "log-events",
    words: "events of the log are words",
    part: "processes",
    careless: [
      {
        file: CARELESS_LOG,
        from: 'options.log.info("sidecar_started", {',
        to: "options.log.info(options.clients[0].name, {",
      },
    ],
    off: [
      {
        file: "host/telemetry/create-log.ts",
        from: "WORD.test(event) ? event : BAD_EVENT",
        to: "event",
      },
    ],
  },
  {
    id: "log-base",
    words: "no host name and no process in the log",
    part: "processes",
    off: [
      {
        file: "host/telemetry/create-log.ts",
        from: "base: null,",
        to: "base: { hostname: process.env.HOSTNAME },",
      },
    ],
  },
  {
    id: "rpc-unforeseen",
    words: "errors that nobody foresaw go out as a general sentence",
    part: "frames",
    careless: [
      {
        file: "host/permission/catalogue.ts",
        from: "const found = CATALOGUE.get(id);",
        to: "const found = CATALOGUE.get(id); if (found === undefined) throw new Error(id);",
      },
    ],
    off: [
      {
        file: "host/rpc/convert-errors.ts",
        from: 'return new RpcError(code, "INTERNAL", general,',
        to: 'return new RpcError(code, "INTERNAL", String(error),',
      },
    ],
  },
  {
    id: "rpc-own-faults",
    words: "faults of the server's inside go out as a general sentence",
    part: "frames",
    careless: [
      {
        file: "host/permission/catalogue.ts",
        from: 'throw new PermissionError("PERMISSION_UNKNOWN", message, "name");',
        to: 'throw Object.assign(new MapveilError("INTERNAL", id));',
      },
      {
        file: "host/permission/catalogue.ts",
        from: 'import { PermissionError } from "./permission-error',
        to: 'import { MapveilError } from "../core/errors.js"; import { PermissionError } from "./permission-error',
      },
    ],
    off: [
      {
        file: "host/rpc/convert-errors.ts",
        from: 'code === "INTERNAL" ? general : error.message;',
        to: 'code === "INTERNAL" ? error.message : error.message;',
      },
    ],
  },
  {
    id: "crash-command",
    words: "a crash tells where it was, not its text",
    part: "processes",
    off: [
      {
        file: "host/cli/process-guard.ts",
        from: "if (folder === undefined)",
        to: "say(String(error?.stack)); if (folder === undefined)",
      },
    ],
  },
  {
    id: "crash-service",
    words: "a crash of a service logs where it was, not its text",
    part: "processes",
    off: [
      {
        file: "host/cli/process-guard.ts",
        from: "say(crashLine(found, Date.now()));",
        to: "say(String(error));",
      },
    ],
  },
  {
    id: "error-defect",
    words: "a command tells where a defect is, not its text",
    part: "files",
    careless: [
      {
        file: "host/formats/valetudo-map.ts",
        from: "throw badInput(file, what, {}, error);",
        to: "throw new Error(text);",
      },
    ],
    off: [
      {
        file: "host/cli/command-error.ts",
        from: 'return new MapveilError("INTERNAL", crashSentence(error), {}, error);',
        to: 'return new MapveilError("INTERNAL", String(error), {}, error);',
      },
    ],
  },
  {
    id: "error-values",
    words: "settings that are wrong are told by their kind",
    part: "files",
    off: [
      {
        file: "host/config/show.ts",
        from: 'if (typeof value === "string")',
        to: 'if (typeof value === "string") return JSON.stringify(value); if (false)',
      },
    ],
  },
  {
    id: "error-keys",
    words: "keys that are near to none are not repeated",
    part: "files",
    off: [
      {
        file: "host/config/problem.ts",
        from: 'if (near !== "" || said !== undefined)',
        to: "if (true)",
      },
    ],
  },
  {
    id: "error-image",
    words: "names of files that a file names are not repeated",
    part: "files",
    off: [
      {
        file: "host/formats/map-yaml.ts",
        from: ": the image that it names`;",
        to: ": the image that it names` + path;",
      },
    ],
  },
];

const KEPT: readonly Mutation[] = [
  {
    id: "reads",
    words: "values of names that the policy does not name are not read",
    part: "files",
    careless: [...NO_LIST, ...NO_NEVER],
    off: [
      {
        file: "host/formats/metadata-list.ts",
        from: 'const kept = this.#isRead(name) ? ownCopy(value.slice(0, VALUE_CHARS_MAX)) : "";',
        to: "const kept = ownCopy(value.slice(0, VALUE_CHARS_MAX));",
      },
    ],
  },
  {
    id: "receiver-names",
    words: "the receiver stores under names of a fixed form alone",
    part: "frames",
    off: [{ file: "host/receiver/names.ts", from: "if (!isArtefactKey(key))", to: "if (false)" }],
  },
];

/** Every rule that can be switched off. */
export const MUTATIONS: readonly Mutation[] = [...CORE, ...TEXT, ...SAID, ...KEPT];

/** Whether a change is one of the core's sources, which need a compiler. */
export const isOfCore = ({ file }: Change): boolean => file.startsWith("assembly/");

/** The text with a change applied; undefined where `from` does not stand there exactly once. */
export function changedText(text: string, { from, to }: Change): string | undefined {
  return text.split(from).length === 2 ? text.replace(from, () => to) : undefined;
}
