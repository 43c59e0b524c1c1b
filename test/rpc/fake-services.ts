/** Handlers over the real services, as small as can be, for the tests of the transport. */
import { create } from "@bufbuild/protobuf";
import { ArtefactService } from "../../host/gen/mapveil/v1/artefact_service_pb.ts";
import {
  IngestService,
  WriteArtefactResponseSchema,
} from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { SensorService } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import type { ServiceHandlers } from "../../host/rpc/index.ts";
import { RpcError } from "../../host/rpc/index.ts";

const unused = () => {
  throw new RpcError("UNIMPLEMENTED", "NOT_IN_THIS_TEST", "Not in this test.");
};

const unusedStream = async function* (): AsyncGenerator<never> {
  yield unused();
};

export const ingest: ServiceHandlers<typeof IngestService> = {
  /** Counts the bytes. */
  async writeArtefact(requests) {
    let size = 0;
    for await (const { data } of requests) size += data.length;
    return create(WriteArtefactResponseSchema, { committedSize: BigInt(size), complete: true });
  },
  queryWriteStatus: async ({ name }) => ({ committedSize: BigInt(name.length), complete: false }),
  cancelWrite: async () => ({}),
  lookUpUploads: async () => ({}),
  deleteUpload: async () => ({}),
  raiseEpochFloor: async ({ epochFloor }) => ({ epochFloor }),
};

export const artefacts: ServiceHandlers<typeof ArtefactService> = {
  listArtefacts: unused,
  getArtefact: unused,
  /** Sends as many pieces of 256 KiB as asked for. */
  async *downloadArtefact({ readLimit }) {
    const data = new Uint8Array(256 * 1024).fill(7);
    for (let i = 0n; i < readLimit; i++) yield { data };
  },
  deleteArtefact: unused,
  watchArtefacts: unusedStream,
};

export const sensor: ServiceHandlers<typeof SensorService> = {
  /** A receipt for each frame. */
  async *streamFrames(requests) {
    for await (const { message } of requests) {
      if (message.case === "open") {
        const value = { maxInFlight: 4, maxFrameBytes: 1000n };
        yield { message: { case: "opened", value } };
      } else if (message.case === "frame") {
        yield { message: { case: "receipt", value: { sequence: message.value.sequence } } };
      }
    }
  },
};

export { ArtefactService, IngestService, SensorService };
