/** Run in a thread by scaling-threads.ts: sanitises the frames that it is sent, however they come. */
import { parentPort, workerData } from "node:worker_threads";
import type { Frame } from "../../host/core/frame.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";

export interface Sanitised {
  readonly veil: Uint8Array;
  /** The memory of a frame that was handed over, to be used again. */
  readonly memory?: ArrayBuffer;
}

const { recipient } = workerData as { readonly recipient: Uint8Array };
const sanitizer = await Sanitizer.create({ policy: defaultPolicy(), recipient });

parentPort!.on("message", ({ frame, handedOver }: { frame: Frame; handedOver: boolean }) => {
  const { veil } = sanitizer.sanitize(frame);
  const memory = frame.data.buffer as ArrayBuffer;
  const sanitised: Sanitised = handedOver ? { veil, memory } : { veil };
  const handed = handedOver ? [memory] : [];
  parentPort!.postMessage(sanitised, [veil.buffer as ArrayBuffer, ...handed]);
});
parentPort!.postMessage("ready");
