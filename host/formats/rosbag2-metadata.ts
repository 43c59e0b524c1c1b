/** The metadata.yaml of a rosbag2 folder (rosbag2_storage, metadata_io.cpp): its files and topics. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { readYaml } from "../config/yaml-source.ts";
import { openByteFile } from "./byte-file.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { isoTime, ownCopy, type Tell } from "./metadata-list.ts";
import { shortType } from "./ros-messages.ts";
import type { RosTopic } from "./ros-recording.ts";

export interface Rosbag2Metadata {
  /** The parts of the recording in their order. */
  readonly paths: readonly string[];
  readonly topics: readonly RosTopic[];
}

const FILE_NAME = "metadata.yaml";
const BYTES_MAX = 1 << 24;
const PARTS_MAX = 65_536;

const count = z.number().int().min(0);
const schema = z.looseObject({
  rosbag2_bagfile_information: z.looseObject({
    relative_file_paths: z.array(z.string().min(1).max(4096)).min(1).max(PARTS_MAX),
    storage_identifier: z.string().max(100).optional(),
    starting_time: z.looseObject({ nanoseconds_since_epoch: z.number() }).optional(),
    topics_with_message_count: z
      .array(
        z.looseObject({
          topic_metadata: z.looseObject({ name: z.string(), type: z.string() }),
          message_count: count,
        }),
      )
      .default([]),
    compression_format: z.string().max(100).nullish(),
    custom_data: z.record(z.string(), z.unknown()).nullish(),
    ros_distro: z.string().max(100).nullish(),
  }),
});

/** True for a folder that says of itself that it is a recording. */
export async function isRosbag2Folder(path: string): Promise<boolean> {
  const facts = await stat(join(path, FILE_NAME)).catch(() => undefined);
  return facts?.isFile() ?? false;
}

/**
 * What else it says goes to `tell`. BAD_INPUT says which line of it is not as the format has it; IO if
 * there is none.
 */
export async function readRosbag2Metadata(folder: string, tell: Tell): Promise<Rosbag2Metadata> {
  const path = join(folder, FILE_NAME);
  const file = await openByteFile(path);
  let text: string;
  try {
    if (file.size > BYTES_MAX) {
      throw tooLarge(path, `it has ${file.size} bytes; at most ${BYTES_MAX} are read.`);
    }
    text = Buffer.from(await file.read(0, file.size)).toString("utf8");
  } finally {
    await file.close();
  }
  const facts = parse(path, text).rosbag2_bagfile_information;
  const compression = facts.compression_format;
  if (compression && compression !== "zstd") {
    const text = "compression_format is not zstd; record or convert it with that.";
    throw badInput(path, text, { field: "compression_format" });
  }
  tellFacts(facts, tell);
  return {
    // Early releases wrote the folder's name in front; nothing outside of the folder is read.
    paths: facts.relative_file_paths.map((name) => join(folder, ownCopy(basename(name)))),
    topics: facts.topics_with_message_count.map(({ topic_metadata, message_count }) => ({
      topic: ownCopy(topic_metadata.name),
      type: ownCopy(shortType(topic_metadata.type)),
      messages: message_count,
    })),
  };
}

type Facts = z.infer<typeof schema>["rosbag2_bagfile_information"];

function tellFacts(facts: Facts, tell: Tell): void {
  for (const name of facts.relative_file_paths) tell("file_name", basename(name));
  for (const [key, value] of Object.entries(facts.custom_data ?? {})) {
    tell("raw_text", `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  tell("software", facts.ros_distro ?? undefined);
  const start = facts.starting_time?.nanoseconds_since_epoch;
  if (start !== undefined && start > 0) tell("wall_clock", isoTime(BigInt(Math.trunc(start))));
}

function parse(path: string, text: string): z.infer<typeof schema> {
  const { data, problems, locate } = readYaml(text);
  const [problem] = problems;
  if (problem !== undefined) {
    const { line } = problem;
    throw badInput(path, `line ${line} is not YAML as recorders write it.`, { line });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const place = result.error.issues[0]!.path.map((key) => (typeof key === "symbol" ? "" : key));
  const { line } = locate(place, "value");
  const field = place.findLast((key) => typeof key === "string") ?? "rosbag2_bagfile_information";
  const message = `line ${line}: ${field} is missing or not as rosbag2 writes it; run \`ros2 bag reindex\`.`;
  throw badInput(path, message, { field: String(field), line });
}
