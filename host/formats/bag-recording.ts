/** The messages of a ROS 1 bag and the topics of its index, as MCAP gives its own. */
import { MapveilError } from "../core/errors.ts";
import { readBag, readBagIndex } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { MessageCursor } from "./message-cursor.ts";
import type { Tell } from "./metadata-list.ts";
import {
  openFilePass,
  type RecordedMessage,
  type RosRecording,
  type RosTopic,
} from "./ros-recording.ts";

export function bagRecording(path: string): RosRecording {
  return {
    path,
    indexedTopics: () => indexedTopics(path),
    open: () => openFilePass(path, readMessages),
  };
}

async function* readMessages(file: ByteFile, tell: Tell): AsyncGenerator<RecordedMessage> {
  for await (const { connection, timeNs, data, offset } of readBag(file, tell)) {
    const { topic, type } = connection;
    const open = () => MessageCursor.ros1({ file: file.path, offset }, data);
    yield { topic, type, logTimeNs: timeNs, open };
  }
}

/** Several nodes may publish on one topic: each is a connection of its own. */
async function indexedTopics(path: string): Promise<RosTopic[] | undefined> {
  // A handle of its own: reading the end must not count as progress.
  const file = await openByteFile(path);
  try {
    const topics = new Map<string, RosTopic>();
    for (const { connection, messages } of (await readBagIndex(file)) ?? []) {
      const { topic, type } = connection;
      const key = `${topic} ${type}`;
      topics.set(key, { topic, type, messages: messages + (topics.get(key)?.messages ?? 0) });
    }
    return topics.size > 0 ? [...topics.values()] : undefined;
  } catch (error) {
    // A damaged index is no reason to give up the messages in front of it.
    if (error instanceof MapveilError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}
