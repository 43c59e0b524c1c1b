/** The incoming messages of a call, one by one: the next is read while the last is worked on. */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { RpcError } from "./rpc-error.ts";

type Event = { readonly bytes: Uint8Array } | "end";

interface Waiter {
  resolve(event: Event): void;
  reject(error: RpcError): void;
}

/** Messages that the other side sends, with at most one of them waiting. */
export class MessageStream<I extends DescMessage> implements AsyncIterable<MessageShape<I>> {
  readonly #schema: I;
  readonly #startRead: () => void;
  #event: Event | undefined;
  #waiter: Waiter | undefined;
  #reading = false;
  #confirm: (() => void) | undefined;
  #failure: RpcError | undefined;

  /** `startRead` makes exactly one `push` or `end` follow, unless `fail` comes. */
  constructor(schema: I, startRead: () => void) {
    this.#schema = schema;
    this.#startRead = startRead;
  }

  push(bytes: Uint8Array): void {
    this.#arrive({ bytes });
  }

  /** The other side ended the stream by itself. */
  end(): void {
    this.#arrive("end");
  }

  /**
   * The other side seems to have ended the stream. `confirm` makes an `end` follow if it has; it is
   * called once somebody waits for that, because it costs a ping.
   */
  mayEnd(confirm: () => void): void {
    if (this.#waiter) confirm();
    else this.#confirm = confirm;
  }

  /** The stream is over for another reason. A message that arrived whole before is still handed out. */
  fail(error: RpcError): void {
    this.#failure ??= error;
    this.#waiter?.reject(this.#failure);
    this.#waiter = undefined;
  }

  /** The one message of a call that has one. Throws INVALID_ARGUMENT for none or several. */
  async single(): Promise<MessageShape<I>> {
    const messages: MessageShape<I>[] = [];
    for await (const message of this) {
      messages.push(message);
      if (messages.length > 1) break;
    }
    if (messages.length === 1) return messages[0]!;
    const found = messages.length === 0 ? "none" : "several";
    throw new RpcError(
      "INVALID_ARGUMENT",
      "MESSAGE_COUNT",
      `The method takes one message, and there were ${found}.`,
    );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MessageShape<I>, void> {
    for (;;) {
      const event = await this.#next();
      if (event === "end") return;
      yield this.#decode(event.bytes);
    }
  }

  #arrive(event: Event): void {
    this.#reading = false;
    if (this.#failure) return;
    if (!this.#waiter) {
      this.#event = event;
      return;
    }
    const { resolve } = this.#waiter;
    this.#waiter = undefined;
    if (event !== "end") this.#read();
    resolve(event);
  }

  #read(): void {
    if (this.#reading || this.#failure) return;
    this.#reading = true;
    this.#startRead();
  }

  #next(): Promise<Event> {
    const event = this.#event;
    if (event === "end") return Promise.resolve(event);
    if (event) {
      this.#event = undefined;
      this.#read();
      return Promise.resolve(event);
    }
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      const confirm = this.#confirm;
      this.#confirm = undefined;
      if (confirm) confirm();
      else this.#read();
    });
  }

  #decode(bytes: Uint8Array): MessageShape<I> {
    try {
      // As plain bytes: fields are views of them, and those of a Buffer would differ in `slice`.
      const { buffer, byteOffset, byteLength } = bytes;
      return fromBinary(this.#schema, new Uint8Array(buffer, byteOffset, byteLength));
    } catch (cause) {
      const text = "The bytes are no message of this method.";
      throw new RpcError("INVALID_ARGUMENT", "MALFORMED_MESSAGE", text, { cause });
    }
  }
}
