/**
 * Answers to wrong calls repeat nothing of them: every field of every message of the wire is filled with
 * canaries, one after the other and all at once, and no status, detail or line of a log says one of them.
 */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import {
  create,
  type DescField,
  type DescMessage,
  type DescService,
  ScalarType,
} from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArtefactService } from "../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { PermissionService } from "../../host/gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../../host/gen/mapveil/v1/status_service_pb.ts";
import { createClient, openChannel, RpcError } from "../../host/rpc/index.ts";
import { startReceiver } from "../receiver/running-receiver.ts";
import { Robot } from "../sidecar/support.ts";
import { NUMBER, printed, tracesIn, WORD } from "./planting.ts";

const WHOLE = 77_314_829;
const DEPTH_MAX = 4;

/** A value of a field that is a canary. */
function canaryOf(field: DescField, only: string | undefined, depth: number): unknown {
  const one = () => {
    if (
      field.fieldKind === "message" ||
      (field.fieldKind === "list" && field.listKind === "message")
    ) {
      return filled(field.message!, only, depth + 1);
    }
    const scalar = "scalar" in field ? field.scalar : undefined;
    if (scalar === ScalarType.STRING) return `${WORD} ${NUMBER}`;
    if (scalar === ScalarType.BYTES) return Buffer.from(WORD);
    if (scalar === ScalarType.BOOL) return true;
    if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) return Number(NUMBER);
    const isLong = [
      ScalarType.INT64,
      ScalarType.UINT64,
      ScalarType.FIXED64,
      ScalarType.SFIXED64,
      ScalarType.SINT64,
    ];
    return scalar !== undefined && isLong.includes(scalar) ? BigInt(WHOLE) : WHOLE;
  };
  return field.fieldKind === "list" ? [one(), one()] : one();
}

/** A message with canaries in all fields, or in those of one name; of a choice the last is set. */
function filled(desc: DescMessage, only: string | undefined, depth = 0): object {
  const fields: Record<string, unknown> = {};
  for (const field of depth > DEPTH_MAX ? [] : desc.fields) {
    const isWanted = only === undefined || field.name === only || field.message !== undefined;
    if (!isWanted || field.fieldKind === "map") continue;
    const value = canaryOf(field, only, depth);
    if (field.oneof) fields[field.oneof.localName] = { case: field.localName, value };
    else fields[field.localName] = value;
  }
  return create(desc, fields as never);
}

/** Names of all fields below a message. */
function namesIn(desc: DescMessage, depth = 0): string[] {
  if (depth > DEPTH_MAX) return [];
  return desc.fields.flatMap((field) => [
    field.name,
    ...(field.message ? namesIn(field.message, depth + 1) : []),
  ]);
}

// biome-ignore lint/suspicious/noExplicitAny: methods are called by the names that the descriptor has
type AnyClient = any;

/** The error of a call, or undefined if it was answered. */
async function errorOf(
  client: AnyClient,
  method: string,
  kind: string,
  request: object,
): Promise<unknown> {
  const options = { timeoutMs: 3000, signal: AbortSignal.timeout(3000) };
  try {
    if (kind === "unary") await client[method](request, options);
    else if (kind === "server_streaming")
      for await (const _ of client[method](request, options)) break;
    else {
      const call = client[method](options);
      await call.write(request).catch(() => {});
      call.end();
      if (kind === "client_streaming") await call.response;
      else for await (const _ of call.responses) void _;
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Makes every call with every field, and looks at what comes back. */
async function callAll(service: DescService, client: AnyClient): Promise<number> {
  let refused = 0;
  for (const { localName, methodKind, input } of service.methods) {
    for (const only of [undefined, ...new Set(namesIn(input))]) {
      const error = await errorOf(client, localName, methodKind, filled(input, only));
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(RpcError);
      const { code } = error as RpcError;
      // The ends of calls that have no end of their own.
      if (code === "CANCELLED" || code === "DEADLINE_EXCEEDED") continue;
      refused++;
      expect(tracesIn(printed(error)), `${localName} ${only ?? "all"}`).toEqual([]);
    }
  }
  return refused;
}

describe("a sidecar", () => {
  let robot: Robot;
  beforeAll(async () => {
    robot = await Robot.start();
  });
  afterAll(() => robot.end());

  test.each([
    ["permissions", PermissionService, "app"],
    ["frames", SensorService, "lidar"],
    ["its status", StatusService, "lidar"],
    ["permissions that are not theirs", PermissionService, "lidar"],
  ] as const)("repeats nothing of calls about %s", async (_, service, who) => {
    const channel = openChannel({ unixPath: robot.options.socketPath });
    const token = readFileSync(robot.tokenPath(who), "utf8").trim();
    const client = createClient(service, channel, {
      headers: { authorization: `Bearer ${token}`, "x-canary": WORD },
    });
    const refused = await callAll(service, client);
    channel.close();
    if (service !== StatusService) expect(refused).toBeGreaterThan(0);
  });

  test("nor to who has no token", async () => {
    const channel = openChannel({ unixPath: robot.options.socketPath });
    const client = createClient(PermissionService, channel, {
      headers: { authorization: `Bearer ${WORD}` },
    });
    expect(await callAll(PermissionService, client)).toBeGreaterThan(0);
    channel.close();
  });
});

test("a receiver repeats nothing of what robots, consumers and strangers send", async () => {
  const running = await startReceiver();
  for (const who of ["fleet", "reader", "nobody"]) {
    const { ingest, artefacts } = running.as(who);
    expect(await callAll(IngestService, ingest)).toBeGreaterThan(0);
    expect(await callAll(ArtefactService, artefacts)).toBeGreaterThan(0);
  }
  expect(tracesIn(inspect(running.log.events, { depth: 9, maxArrayLength: null }))).toEqual([]);
});
