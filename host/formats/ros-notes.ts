/** Keeps what messages without points say, so that no kind of message crowds out another. */
import { MapveilError } from "../core/errors.ts";
import { forgetLastMatch, type MetadataList } from "./metadata-list.ts";
import { IDENTITY_MESSAGES } from "./ros-identity.ts";
import type { RecordedMessage } from "./ros-recording.ts";

/** Notes of one type of message: enough to say what a robot tells of itself over and over. */
const NOTES_MAX = 128;

export class RosNotes {
  readonly #list: MetadataList;
  readonly #notes = new Map<string, number>();

  constructor(list: MetadataList) {
    this.#list = list;
  }

  /**
   * Notes what identifies in a message, and the name of its topic. Types that are not known say nothing
   * else; nor does a message that is damaged, for no point depends on it.
   */
  take({ topic, type, open }: RecordedMessage): void {
    const list = this.#list;
    list.tell("raw_text", `topic: ${topic}`);
    const tellMessage = Object.hasOwn(IDENTITY_MESSAGES, type)
      ? IDENTITY_MESSAGES[type]
      : undefined;
    let notes = this.#notes.get(type) ?? 0;
    if (tellMessage === undefined || notes >= NOTES_MAX) return;
    try {
      tellMessage(open(), (name, value) => {
        if (notes >= NOTES_MAX) return;
        const before = list.size;
        list.add(name, value);
        notes += list.size - before;
      });
    } catch (error) {
      if (!(error instanceof MapveilError)) throw error;
    } finally {
      forgetLastMatch();
      this.#notes.set(type, notes);
    }
  }
}
