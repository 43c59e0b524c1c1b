/** A method of a service as the server runs it. */
import type { DescMethod } from "@bufbuild/protobuf";
import type { CallContext } from "./types.ts";

/** A handler of any kind. The types of a service's own handlers are checked where it is added. */
export type AnyHandler = (request: unknown, call: CallContext) => unknown;

export interface Method {
  readonly desc: DescMethod;
  readonly handler: AnyHandler;
}

/** Name for logs, such as "mapveil.v1.IngestService/WriteArtefact". */
export const nameOf = (desc: DescMethod) => `${desc.parent.typeName}/${desc.name}`;

/** Path of HTTP/2. */
export const pathOf = (desc: DescMethod) => `/${nameOf(desc)}`;

/** Whether a method takes a stream of messages. */
export function takesMany({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}
