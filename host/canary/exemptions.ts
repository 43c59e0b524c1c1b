/** What may be found: what the policy lets through, and what whoever sees it has given himself. */
import type { MetadataField } from "../core/frame.ts";
import type { Policy } from "../policy/index.ts";
import { redact } from "../text/index.ts";
import type { Planted } from "./planter.ts";
import type { LeakSearch } from "./search.ts";
import type { Surface } from "./surfaces.ts";

/** One exception, by place and by value. */
export interface Exemption {
  readonly surfaces: readonly Surface[];
  /** Why it is no leak, in words. */
  readonly why: string;
  readonly covers: (planted: Planted) => boolean;
}

/** Where only the recipient, with the key, looks; and files that were opened there. */
const OPENED = ["tiles", "written"] as const;

/** Whoever types a path or an option, or names a field to the sidecar, may be told it again. */
const GIVEN: readonly Exemption[] = [
  {
    surfaces: ["printed", "doctor"],
    why: "paths and options that the caller typed, in what the command prints to him",
    covers: ({ carrier }) => carrier === "names of files" || carrier === "arguments",
  },
  {
    surfaces: ["robot", "printed"],
    why: "names that the owner gave to clients, on the robot: names of their tokens, who granted what",
    covers: ({ carrier }) => carrier === "names of clients",
  },
  {
    surfaces: ["answers"],
    why: "names of fields that a driver gave, in its own receipts",
    covers: ({ carrier }) =>
      carrier === "names of point fields" ||
      carrier === "names of metadata that no policy can name",
  },
];

/**
 * The exceptions under a policy.
 * @param passing strings of frames, under names that a policy may let pass
 * @param search for what was planted
 */
export function exemptionsOf(
  policy: Policy,
  passing: readonly MetadataField[],
  search: LeakSearch,
): Exemption[] {
  const kept = new Set<string>(policy.keep.strings);
  // As they may leave at most: with what is known as personal taken out.
  const texts = passing.filter(({ name }) => kept.has(name)).map(({ value }) => redact(value).text);
  const inTexts = search.search({
    name: "passing strings",
    bytes: Buffer.from(texts.join("\0"), "utf8"),
  });
  const open = new Set(inTexts.map(({ value }) => value));
  const exemptions = [...GIVEN];
  if (open.size > 0) {
    exemptions.push({
      surfaces: OPENED,
      why: "strings that the policy names under keep.strings",
      covers: ({ value }) => open.has(value),
    });
  }
  if (policy.pose === "keep") {
    exemptions.push({
      surfaces: OPENED,
      why: "poses, which the policy keeps",
      covers: ({ carrier }) => carrier === "poses",
    });
  }
  if (policy.time !== "drop") {
    exemptions.push({
      surfaces: OPENED,
      why: "capture times, floored as the policy says",
      covers: ({ carrier }) => carrier === "stamps",
    });
  }
  return exemptions;
}
