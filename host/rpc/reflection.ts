/** grpc.reflection.v1: tells tools such as `buf curl` what services and messages there are. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type {
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { RPC_CODES } from "./rpc-error.ts";
import type { ServiceHandlers } from "./types.ts";

type Answer = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

const error = (errorCode: number, errorMessage: string): Answer => ({
  case: "errorResponse",
  value: { errorCode, errorMessage },
});

/** Every file that the services need, by the name under which others import it. */
function filesOf(services: readonly DescService[]): Map<string, DescFile> {
  const files = new Map<string, DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file.proto.name)) return;
    files.set(file.proto.name, file);
    for (const dependency of file.dependencies) add(dependency);
  };
  for (const { file } of services) add(file);
  return files;
}

/** The file of every message, enum and service, by its full name. */
function symbolsOf(files: Iterable<DescFile>): Map<string, DescFile> {
  const symbols = new Map<string, DescFile>();
  for (const file of files) {
    for (const type of nestedTypes(file)) symbols.set(type.typeName, file);
  }
  return symbols;
}

/** Handlers that describe these services, and whichever are added before the first call. */
export function reflectionHandlers(
  services: readonly DescService[],
): ServiceHandlers<typeof ServerReflection> {
  let index: { files: Map<string, DescFile>; symbols: Map<string, DescFile> } | undefined;
  const indexed = () => {
    if (!index) {
      const files = filesOf(services);
      index = { files, symbols: symbolsOf(files.values()) };
    }
    return index;
  };
  const describe = (file: DescFile | undefined): Answer =>
    file
      ? {
          case: "fileDescriptorResponse",
          value: { fileDescriptorProto: [toBinary(FileDescriptorProtoSchema, file.proto)] },
        }
      : error(RPC_CODES.NOT_FOUND, "There is nothing of that name.");
  /** A method or a field is in the file of what it belongs to. */
  const fileOf = (symbol: string) => {
    const { symbols } = indexed();
    return (
      symbols.get(symbol) ?? symbols.get(symbol.slice(0, Math.max(0, symbol.lastIndexOf("."))))
    );
  };

  const answer = ({ messageRequest }: ServerReflectionRequest): Answer => {
    switch (messageRequest.case) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: services.map(({ typeName }) => ({ name: typeName })) },
        };
      case "fileByFilename":
        return describe(indexed().files.get(messageRequest.value));
      case "fileContainingSymbol":
        return describe(fileOf(messageRequest.value));
      default:
        return error(RPC_CODES.UNIMPLEMENTED, "These services have no extensions.");
    }
  };

  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request),
        };
      }
    },
  };
}
