/** The product's way over the hop: SensorClient, RpcServer, and the sidecar's reading of a frame. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { receiptWords, SensorClient } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import {
  SensorService,
  type StreamFramesRequest,
} from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { type CallContext, RpcServer } from "../../host/rpc/index.ts";
import { readFrame, readLayout } from "../../host/sidecar/frame-message.ts";
import { handedOver } from "../../host/sidecar/handed-over.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { type HopWay, IN_FLIGHT, LAYOUT, receiptOf } from "./hop-way.ts";

const FRAME_BYTES_MAX = 16 * 1024 * 1024;
const CALLS_MAX = 64;

/** As the sidecar's service; what a worker gives back is given back at once. */
async function* answer(
  requests: AsyncIterable<StreamFramesRequest>,
  { giveBack }: CallContext,
  take: (frame: Frame) => void,
) {
  let layout: Frame["layout"] = LAYOUT;
  for await (const { message } of requests) {
    if (message.case === "open") {
      layout = readLayout(message.value.layout);
      const opened = { maxInFlight: IN_FLIGHT, maxFrameBytes: BigInt(FRAME_BYTES_MAX) };
      yield { message: { case: "opened" as const, value: opened } };
    } else if (message.case === "frame") {
      const { frame } = readFrame(message.value, layout, FRAME_BYTES_MAX);
      const data = handedOver(frame.data);
      take({ ...frame, data });
      giveBack(data.buffer);
      yield receiptOf(message.value.sequence);
    }
  }
}

export const ours: HopWay = {
  async serve(path, take) {
    const server = new RpcServer({
      authorise: () => ({ name: "bench", roles: ["sensor"], recipients: [] }),
      log: SILENT,
      limits: {
        maxMessageBytes: FRAME_BYTES_MAX + 256 * 1024,
        maxConcurrentStreamsPerConnection: CALLS_MAX,
        maxCallsPerClient: CALLS_MAX,
      },
    });
    server.add(SensorService, { streamFrames: (requests, call) => answer(requests, call, take) });
    await server.listenUnix(path);
  },

  async connect(path) {
    const folder = mkdtempSync(join(tmpdir(), "mapveil-hop-"));
    const tokenPath = join(folder, "token");
    writeFileSync(tokenPath, "bench");
    const client = await SensorClient.create({ socketPath: path, tokenPath });
    rmSync(folder, { recursive: true });
    const stream = await client.open({ layout: LAYOUT });
    return async (frame) => {
      const receipt = await stream.push(frame);
      if (receipt.outcome !== "accepted") throw new Error(`a frame was ${receiptWords(receipt)}`);
    };
  },
};
