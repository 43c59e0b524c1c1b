/**
 * The SQLite database of a rosbag2 recording (rosbag2_storage_sqlite3): tables topics and messages,
 * read row by row. Nothing is written beside the file: the library keeps its lock and journal next
 * to the name by which it opens a database, so it is given a name in a folder of our own.
 */
import { existsSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Database, QueryResult, SQLiteValue, Statement } from "node-sqlite3-wasm";
import { MapveilError } from "../core/errors.ts";
import { CHUNK_BYTES_MAX } from "./decompress.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { makePrivateFolder, type PrivateFolder } from "./private-folder.ts";
import { unpackZstdFile } from "./zstd-file.ts";

export interface DatabaseTopic {
  readonly topic: string;
  /** As it is written: sensor_msgs/msg/PointCloud2. */
  readonly type: string;
  readonly serialization: string;
}

export interface DatabaseMessage {
  /** Place in the order of reading, from 0; names the message in errors. */
  readonly index: number;
  readonly topicId: number;
  readonly timeNs: bigint;
  readonly data: Uint8Array;
}

const TOPICS_MAX = 16_384;
const NAME_CHARS_MAX = 4096;
/** A row takes at least this much of the file: its cell, its header and its entry in the page. */
const ROW_BYTES_MIN = 8;
/** What must be in the tables; older recordings have no more than that. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  topics: ["id", "name", "type", "serialization_format"],
  messages: ["id", "topic_id", "timestamp", "data"],
};

export class Rosbag2Database {
  readonly #path: string;
  readonly #database: Database;
  readonly #folder: PrivateFolder;
  /** Size of the database, unpacked. */
  readonly #size: number;
  /** Those whose rows are being read: the library frees none by itself. */
  readonly #statements = new Set<Statement>();
  #isClosed = false;

  private constructor(path: string, database: Database, folder: PrivateFolder, size: number) {
    this.#path = path;
    this.#database = database;
    this.#folder = folder;
    this.#size = size;
  }

  /**
   * Opens a .db3, or a .db3.zstd by unpacking it into a temporary file without a name. BAD_INPUT if
   * it is no database, is damaged, lacks a table, or was not closed by its recorder.
   */
  static async open(path: string): Promise<Rosbag2Database> {
    const { Database } = (await import("node-sqlite3-wasm")).default;
    refuseUnfinished(path);
    const folder = makePrivateFolder();
    const name = join(folder.path, "recording.db3");
    let database: Database | undefined;
    try {
      if (path.endsWith(".zstd")) await unpackZstdFile(path, name);
      else symlinkSync(resolve(path), name);
      const { size } = statSync(name);
      database = guarded(path, () => {
        const opened = new Database(name, { readOnly: true });
        // One reader: so that it works without the shared memory that a write-ahead log wants.
        opened.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF");
        opened.exec("PRAGMA cell_size_check = ON");
        return opened;
      });
      const recording = new Rosbag2Database(path, database, folder, size);
      recording.#checkTables();
      // Open files need no name; without one, nothing is left if the process is killed.
      rmSync(name);
      return recording;
    } catch (error) {
      if (database?.isOpen) database.close();
      await folder.remove();
      throw error;
    }
  }

  /** By their number, which messages refer to. */
  topics(): Map<number, DatabaseTopic> {
    const sql = `SELECT id, substr(name, 1, ${NAME_CHARS_MAX + 1}) AS name,
      substr(type, 1, ${NAME_CHARS_MAX + 1}) AS type, serialization_format AS form FROM topics`;
    const topics = new Map<number, DatabaseTopic>();
    for (const { id, name, type, form } of this.#rows(sql)) {
      if (topics.size >= TOPICS_MAX) {
        throw badInput(this.#path, `table topics has more than ${TOPICS_MAX} rows.`);
      }
      topics.set(this.#integer(id, "topics.id", topics.size), {
        topic: this.#text(name, "topics.name", topics.size),
        type: this.#text(type, "topics.type", topics.size),
        serialization: this.#text(form, "topics.serialization_format", topics.size),
      });
    }
    return topics;
  }

  /** How many messages each topic has, in one pass that leaves their data on the disk. */
  countMessages(): Map<number, number> {
    const counts = new Map<number, number>();
    let index = 0;
    for (const { topic_id } of this.#rows("SELECT topic_id FROM messages")) {
      const topicId = this.#integer(topic_id, "messages.topic_id", index++);
      counts.set(topicId, (counts.get(topicId) ?? 0) + 1);
    }
    return counts;
  }

  /** Every message by time, those of one time as they were recorded. */
  *messages(): Generator<DatabaseMessage> {
    // Asked for its length first, SQLite does not load what is too large.
    const columns = `topic_id, timestamp, typeof(data) AS kind, length(data) AS bytes,
      CASE WHEN length(data) <= ${CHUNK_BYTES_MAX} THEN data END AS data`;
    const order = this.#hasTimeIndex() ? "timestamp, rowid" : "rowid";
    let index = 0;
    let bytesSum = 0;
    for (const row of this.#rows(`SELECT ${columns} FROM messages ORDER BY ${order}`)) {
      const bytes = this.#integer(row.bytes, "length of messages.data", index);
      if (row.kind !== "blob") throw this.#wrong("messages.data", "is not a blob", index);
      bytesSum += bytes;
      // Pages that refer to each other in a ring would give rows for ever.
      if (bytesSum > this.#size) throw this.#damaged(index);
      if (bytes > CHUNK_BYTES_MAX) {
        throw tooLarge(
          this.#path,
          `message ${index} has ${bytes} bytes; at most ${CHUNK_BYTES_MAX} are read.`,
        );
      }
      const { timestamp } = row;
      const isWhole = typeof timestamp === "number" || typeof timestamp === "bigint";
      if (!isWhole) throw this.#wrong("messages.timestamp", "is not a whole number", index);
      const topicId = this.#integer(row.topic_id, "messages.topic_id", index);
      yield { index, topicId, timeNs: BigInt(timestamp), data: row.data as Uint8Array };
      index++;
    }
  }

  /** The distribution of ROS that recorded it, if it says so. */
  distribution(): string | undefined {
    if (!this.#tables().has("schema")) return undefined;
    if (!this.#columnsOf("schema").has("ros_distro")) return undefined;
    const [row] = this.#rows(`SELECT substr(ros_distro, 1, 100) AS name FROM schema LIMIT 1`);
    return typeof row?.name === "string" ? row.name : undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const statement of this.#statements) this.#free(statement);
    try {
      this.#database.close();
    } finally {
      await this.#folder.remove();
    }
  }

  /** Rows as they are asked for; their number is bounded by the size of the file. */
  *#rows(sql: string): Generator<Record<string, SQLiteValue>> {
    const statement = guarded(this.#path, () => this.#database.prepare(sql));
    this.#statements.add(statement);
    try {
      const rows = statement.iterate();
      for (let index = 0; ; index++) {
        const next = guarded(this.#path, () => rows.next(), index);
        if (next.done === true) return;
        if (index * ROW_BYTES_MIN > this.#size) throw this.#damaged(index);
        yield next.value as QueryResult as Record<string, SQLiteValue>;
      }
    } finally {
      this.#free(statement);
    }
  }

  #free(statement: Statement): void {
    if (!this.#statements.delete(statement)) return;
    try {
      statement.finalize();
    } catch {
      // It reports the fault of the last step once more.
    }
  }

  #tables(): Set<string> {
    const rows = this.#rows("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0");
    return new Set(Array.from(rows, ({ name }) => String(name)));
  }

  /** Stored columns; those that are computed could take any time. */
  #columnsOf(table: string): Set<string> {
    const rows = this.#rows(`SELECT name FROM pragma_table_xinfo('${table}') WHERE hidden = 0`);
    return new Set(Array.from(rows, ({ name }) => String(name)));
  }

  #checkTables(): void {
    const tables = this.#tables();
    for (const [table, wanted] of Object.entries(COLUMNS)) {
      if (!tables.has(table)) {
        throw badInput(
          this.#path,
          `it is an SQLite database without the table ${table}; name a recording of rosbag2.`,
          { field: table },
        );
      }
      const columns = this.#columnsOf(table);
      const missing = wanted.find((column) => !columns.has(column));
      if (missing === undefined) continue;
      const field = `${table}.${missing}`;
      const text = `the column ${field} is missing; name a recording of rosbag2.`;
      throw badInput(this.#path, text, { field });
    }
  }

  /** Without one, sorting would take the whole recording into memory. */
  #hasTimeIndex(): boolean {
    const sql = `SELECT 1 FROM pragma_index_list('messages') AS i, pragma_index_info(i.name) AS c
      WHERE c.seqno = 0 AND c.name = 'timestamp' AND i.partial = 0`;
    return [...this.#rows(sql)].length > 0;
  }

  #integer(value: SQLiteValue | undefined, field: string, index: number): number {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw this.#wrong(field, "is not a whole number", index);
  }

  #text(value: SQLiteValue | undefined, field: string, index: number): string {
    if (typeof value !== "string") throw this.#wrong(field, "is not text", index);
    if (value.length <= NAME_CHARS_MAX) return value;
    throw this.#wrong(field, `has more than ${NAME_CHARS_MAX} characters`, index);
  }

  #wrong(field: string, what: string, index: number): MapveilError {
    const text = `${field} of row ${index} ${what}; the recording is damaged.`;
    return badInput(this.#path, text, { field });
  }

  #damaged(index: number): MapveilError {
    const text = `row ${index} and those before it have more bytes than the file; it is damaged.`;
    return badInput(this.#path, text);
  }
}

/** What a recorder that was killed leaves beside the database belongs to the recording. */
function refuseUnfinished(path: string): void {
  for (const ending of ["-wal", "-journal"]) {
    const beside = `${path}${ending}`;
    if (!existsSync(beside) || statSync(beside).size === 0) continue;
    throw badInput(
      path,
      `the recorder did not come to close it: a part is in the file with ${ending} at the end of ` +
        "its name. Finish it with `ros2 bag reindex` or by opening it once with sqlite3.",
    );
  }
}

/** Faults of the library as BAD_INPUT; its own words may repeat names out of the file. */
function guarded<T>(path: string, action: () => T, row?: number): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof MapveilError) throw error;
    const where = row === undefined ? "" : ` at row ${row}`;
    const text =
      `the SQLite database is damaged or cut off${where}; copy or record it again. What can be ` +
      "saved is saved by `sqlite3 FILE .recover`.";
    throw badInput(path, text, {}, error);
  }
}
