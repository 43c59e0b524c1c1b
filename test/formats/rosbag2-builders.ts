/** Writes rosbag2 recordings as rosbag2_storage_sqlite3 does, for the readers to read. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { zstdFrame } from "./packers.ts";
import type { Message } from "./ros-builders.ts";

export interface Rosbag2Options {
  /** True compresses each message. */
  readonly packed?: boolean;
  readonly timeIndex?: boolean;
  readonly serialization?: string;
  /** SQL that is run at the end. */
  readonly change?: string;
}

/** The tables of schema version 3 (ROS 2 Humble). */
const TABLES = `
  CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);
  CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);
  CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
    serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
  CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, data BLOB NOT NULL);
  INSERT INTO schema VALUES (3, 'humble');`;

/** Writes a .db3 at `path`; any number of messages needs the memory of one. */
export function writeDb3(
  path: string,
  messages: Iterable<Message>,
  options: Rosbag2Options = {},
): void {
  rmSync(path, { force: true });
  const database = new sqlite.Database(path);
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  database.exec(TABLES);
  if (options.timeIndex !== false) {
    database.exec("CREATE INDEX timestamp_idx ON messages (timestamp ASC)");
  }
  const topics = new Map<string, number>();
  const row = database.prepare("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)");
  for (const { topic, type, timeNs, data } of messages) {
    let id = topics.get(topic);
    if (id === undefined) {
      id = topics.size + 1;
      topics.set(topic, id);
      const named = type.includes("/msg/") ? type : type.replace("/", "/msg/");
      const serialization = options.serialization ?? "cdr";
      database.run("INSERT INTO topics VALUES (?, ?, ?, ?, '')", [id, topic, named, serialization]);
    }
    row.run([id, timeNs, options.packed ? zstdFrame(data) : data]);
  }
  row.finalize();
  database.exec("COMMIT");
  if (options.change !== undefined) database.exec(options.change);
  database.close();
}

export function db3(folder: string, messages: Iterable<Message>, options?: Rosbag2Options): Buffer {
  const path = join(folder, "written.db3");
  writeDb3(path, messages, options);
  return readFileSync(path);
}

export interface FolderOptions extends Rosbag2Options {
  /** True compresses each part as a whole. */
  readonly packedFiles?: boolean;
  /** Lines that follow those of the recorder. */
  readonly more?: string;
}

/** A recording's folder with one part for each list of messages, and its metadata.yaml. */
export function writeRosbag2Folder(
  path: string,
  parts: readonly (readonly Message[])[],
  options: FolderOptions = {},
): void {
  mkdirSync(path, { recursive: true });
  const names = parts.map((messages, i) => {
    const content = db3(path, messages, options);
    rmSync(join(path, "written.db3"));
    const name = `home_${i}.db3${options.packedFiles ? ".zstd" : ""}`;
    writeFileSync(join(path, name), options.packedFiles ? zstdFrame(content) : content);
    return name;
  });
  const topics = new Map(parts.flat().map((message) => [message.topic, message]));
  const counted = [...topics.values()].map(({ topic, type }) => {
    const count = parts.flat().filter((message) => message.topic === topic).length;
    return `    - topic_metadata:
        name: ${topic}
        type: ${type}
        serialization_format: cdr
        offered_qos_profiles: "- history: 3\\n  depth: 0"
      message_count: ${count}`;
  });
  const mode = options.packedFiles ? "FILE" : options.packed ? "MESSAGE" : "";
  writeFileSync(
    join(path, "metadata.yaml"),
    `rosbag2_bagfile_information:
  version: 5
  storage_identifier: sqlite3
  duration:
    nanoseconds: 1000
  starting_time:
    nanoseconds_since_epoch: 1700000000000000000
  message_count: ${parts.flat().length}
  topics_with_message_count:
${counted.join("\n")}
  compression_format: "${mode === "" ? "" : "zstd"}"
  compression_mode: "${mode}"
  relative_file_paths:
${names.map((name) => `    - ${name}`).join("\n")}
${options.more ?? ""}`,
  );
}
