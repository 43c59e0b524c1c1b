/** A plain socket: the points of a frame, then a byte back. What no protocol on it can be faster than. */
import { createServer, connect as open } from "node:net";
import { FRAME_BYTES, type HopWay, hopFrames } from "./hop-way.ts";

export const socket: HopWay = {
  async serve(path, take) {
    const [frame] = hopFrames();
    const data = new Uint8Array(FRAME_BYTES);
    const server = createServer((connection) => {
      let filled = 0;
      connection.on("data", (chunk) => {
        for (let at = 0; at < chunk.length; ) {
          const part = Math.min(chunk.length - at, FRAME_BYTES - filled);
          data.set(chunk.subarray(at, at + part), filled);
          filled += part;
          at += part;
          if (filled < FRAME_BYTES) continue;
          filled = 0;
          take({ ...frame!, data });
          connection.write("\n");
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  },

  async connect(path) {
    const connection = open(path);
    const waiting: (() => void)[] = [];
    connection.on("data", (receipts) => {
      for (const _ of receipts) waiting.shift()!();
    });
    await new Promise<void>((resolve) => connection.once("connect", resolve));
    return ({ data }) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        connection.write(data);
      });
  },
};
