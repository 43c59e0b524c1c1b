/** Every unary method of both servers, called by a tool that learns them by reflection alone. */
import { type DescService, fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../host/gen/google/rpc/error_details_pb.ts";
import { ArtefactService } from "../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { PermissionService } from "../../host/gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../../host/gen/mapveil/v1/status_service_pb.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { World } from "../faults/harness/world.ts";
import { bufCurl, ROOT } from "./support.ts";

const CODES = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  UNAUTHENTICATED: 16,
} as const;

interface Call {
  readonly method: string;
  readonly request: object;
  /** Absent: the call succeeds. */
  readonly fails?: readonly [code: keyof typeof CODES, reason: string];
}

const upload = "permissions/robot-lidar-upload";
const parent = "recipients/RECIPIENT";
const artefact = `${parent}/artefacts/none-such`;
const elsewhere = "recipients/0000000000000000";
const source = "0123456789abcdef".repeat(2);

const SIDECAR_CALLS: readonly Call[] = [
  { method: "StatusService/GetStatus", request: {} },
  { method: "PermissionService/ListPermissions", request: { pageSize: 3 } },
  { method: "PermissionService/GetPermission", request: { name: upload } },
  {
    method: "PermissionService/GetPermission",
    request: { name: "permissions/toaster-bread-upload" },
    fails: ["NOT_FOUND", "PERMISSION_UNKNOWN"],
  },
  {
    method: "PermissionService/GrantPermission",
    request: { name: upload, level: "LEVEL_FRAMES", affirmativeAct: "ticked the box" },
  },
  {
    method: "PermissionService/GrantPermission",
    request: { name: upload },
    fails: ["INVALID_ARGUMENT", "*"],
  },
  { method: "PermissionService/WithdrawPermission", request: { name: upload } },
  {
    method: "PermissionService/WithdrawPermission",
    request: { name: "permissions/none" },
    fails: ["NOT_FOUND", "PERMISSION_UNKNOWN"],
  },
  { method: "PermissionService/ListPermissionEvents", request: {} },
  {
    method: "PermissionService/ListPermissionEvents",
    request: { pageToken: "nonsense" },
    fails: ["INVALID_ARGUMENT", "*"],
  },
  {
    method: "PermissionService/CheckFeature",
    request: { platform: "PLATFORM_ROBOT", feature: "make_coffee" },
    fails: ["NOT_FOUND", "*"],
  },
];

const deletionKey = Buffer.alloc(32, 7).toString("base64");

const RECEIVER_CALLS: readonly Call[] = [
  {
    method: "IngestService/QueryWriteStatus",
    request: { name: artefact },
    fails: ["NOT_FOUND", "WRITE_NOT_FOUND"],
  },
  {
    method: "IngestService/QueryWriteStatus",
    request: { name: "../../etc/passwd" },
    fails: ["INVALID_ARGUMENT", "NAME_INVALID"],
  },
  { method: "IngestService/CancelWrite", request: { name: artefact } },
  {
    method: "IngestService/RaiseEpochFloor",
    request: { parent, source, dataClass: "DATA_CLASS_LIDAR", epochFloor: "3" },
  },
  {
    method: "IngestService/RaiseEpochFloor",
    request: { parent, source: "x", dataClass: "DATA_CLASS_LIDAR", epochFloor: "3" },
    fails: ["INVALID_ARGUMENT", "*"],
  },
  {
    method: "IngestService/LookUpUploads",
    request: { parent, uploads: [{ artefact: "none-such", deletionKey }] },
  },
  {
    method: "IngestService/LookUpUploads",
    request: { parent, uploads: [] },
    fails: ["INVALID_ARGUMENT", "FIELD_INVALID"],
  },
  {
    method: "IngestService/DeleteUpload",
    request: { name: artefact, deletionKey },
    fails: ["NOT_FOUND", "ARTEFACT_NOT_FOUND"],
  },
  { method: "ArtefactService/ListArtefacts", request: { parent } },
  {
    method: "ArtefactService/ListArtefacts",
    request: { parent: elsewhere },
    fails: ["PERMISSION_DENIED", "RECIPIENT_FORBIDDEN"],
  },
  {
    method: "ArtefactService/GetArtefact",
    request: { name: artefact },
    fails: ["NOT_FOUND", "ARTEFACT_NOT_FOUND"],
  },
  {
    method: "ArtefactService/DeleteArtefact",
    request: { name: artefact },
    fails: ["NOT_FOUND", "ARTEFACT_NOT_FOUND"],
  },
  { method: "ArtefactService/DeleteArtefact", request: { name: artefact, allowMissing: true } },
];

const title = ({ method, request, fails }: Call) =>
  `${method} ${JSON.stringify(request)}: ${fails?.[0] ?? "OK"}`;

const unaryOf = (services: readonly DescService[]) =>
  services.flatMap((service) =>
    service.methods
      .filter(({ methodKind }) => methodKind === "unary")
      .map((method) => `${service.name}/${method.name}`),
  );

const namesOf = (services: readonly DescService[]) =>
  services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `${typeName}/${name}`));

/** What `buf curl` says of a failed call. */
interface Failure {
  readonly code: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

describe.skipIf(skipsWithout("openssl"))("buf curl", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create();
    await world.start("receiver", "sidecar");
  });

  afterAll(() => world?.close());

  const onSidecar = (token: string) => [
    ...["--unix-socket", world.socket, "--http2-prior-knowledge"],
    ...["-H", `authorization: Bearer ${token}`],
  ];
  /** Reflection needs a token as every other call does. */
  const reflecting = (token: string) => [...onSidecar(token), "--reflect-header", "*"];
  const onReceiver = () => {
    const { certificate, key } = world.certificates.both;
    return ["--cacert", world.authority.ca, "--cert", certificate, "--key", key];
  };
  const url = (base: "sidecar" | "receiver", rest = "") =>
    base === "sidecar"
      ? `http://localhost/${rest}`
      : `https://localhost:${world.receiverPort}/${rest}`;

  async function call(base: "sidecar" | "receiver", options: string[], one: Call): Promise<void> {
    const request = JSON.stringify(one.request).replaceAll("RECIPIENT", world.recipient);
    const run = await bufCurl([...options, "-d", request, url(base, `mapveil.v1.${one.method}`)]);
    if (one.fails === undefined) {
      expect(run.stderr).toBe("");
      expect(run.code).toBe(0);
      JSON.parse(run.stdout);
      return;
    }
    const [code, reason] = one.fails;
    expect(run.code, run.stderr).toBe(8 * CODES[code]);
    const failure: Failure = JSON.parse(run.stderr);
    expect(failure.code).toBe(code.toLowerCase());
    const infos = failure.details?.filter(({ type }) => type === "google.rpc.ErrorInfo") ?? [];
    expect(infos).toHaveLength(1);
    const info = fromBinary(ErrorInfoSchema, Buffer.from(infos[0]!.value, "base64"));
    expect(info.domain).toBe("mapveil");
    expect(info.reason).toMatch(reason === "*" ? /^[A-Z]+(_[A-Z]+)*$/ : new RegExp(`^${reason}$`));
  }

  test("the tables hold every unary method", () => {
    const called = (calls: readonly Call[]) => new Set(calls.map(({ method }) => method));
    expect(called(SIDECAR_CALLS)).toEqual(new Set(unaryOf([PermissionService, StatusService])));
    expect(called(RECEIVER_CALLS)).toEqual(new Set(unaryOf([IngestService, ArtefactService])));
  });

  test("finds every method of the sidecar by reflection", async () => {
    const run = await bufCurl([
      ...reflecting(world.token("owner")),
      "--list-methods",
      url("sidecar"),
    ]);
    expect(run.stderr).toBe("");
    const methods = run.stdout.split("\n");
    for (const name of namesOf([SensorService, PermissionService, StatusService])) {
      expect(methods).toContain(name);
    }
    expect(methods).toContain("grpc.health.v1.Health/Check");
  });

  test("finds every method of the receiver by reflection", async () => {
    const run = await bufCurl([...onReceiver(), "--list-methods", url("receiver")]);
    expect(run.stderr).toBe("");
    const methods = run.stdout.split("\n");
    for (const name of namesOf([IngestService, ArtefactService])) expect(methods).toContain(name);
    expect(methods).toContain("grpc.health.v1.Health/Check");
  });

  for (const one of SIDECAR_CALLS) {
    test(title(one), () => call("sidecar", reflecting(world.token("owner")), one));
  }

  for (const one of RECEIVER_CALLS) {
    test(title(one), () => call("receiver", onReceiver(), one));
  }

  test("is told by every method of the sidecar that nobody knows it", async () => {
    const stranger = onSidecar("a-token-of-nobody");
    for (const method of unaryOf([PermissionService, StatusService])) {
      // The schema comes from the files: a stranger learns nothing by reflection either.
      const options = [...stranger, "--schema", ROOT];
      await call("sidecar", options, {
        method,
        request: {},
        fails: ["UNAUTHENTICATED", "CREDENTIALS_INVALID"],
      });
    }
  });

  test("may not decide with the token of a sensor", async () => {
    await call("sidecar", reflecting(world.token("sensor")), {
      method: "PermissionService/GrantPermission",
      request: { name: upload },
      fails: ["PERMISSION_DENIED", "ROLE_MISSING"],
    });
  });
});
