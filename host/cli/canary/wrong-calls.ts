/** Calls that are refused, with planted values just where they are wrong: refusals must not repeat them. */
import { join } from "node:path";
import { plantedFrames } from "../../canary/plants/frames.ts";
import { SidecarClient } from "../../client/index.ts";
import { systemClock } from "../../core/clock.ts";
import type { Frame, MetadataField } from "../../core/frame.ts";
import { ArtefactService } from "../../gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../../gen/mapveil/v1/ingest_service_pb.ts";
import { PermissionService } from "../../gen/mapveil/v1/permission_service_pb.ts";
import { StatusService } from "../../gen/mapveil/v1/status_service_pb.ts";
import { DataClass, Platform } from "../../gen/mapveil/v1/types_pb.ts";
import { certificateSource, createClient, openChannel } from "../../rpc/index.ts";
import { SILENT } from "../../telemetry/index.ts";
import { DEMO_FILES } from "../demo/files.ts";
import type { Parties } from "../demo/parties.ts";
import type { Stage } from "./stage.ts";

/** Characters that gRPC takes as the value of a header (gRPC over HTTP/2, ASCII-Value). */
const asHeader = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "").trim();
const HEADERS_MAX = 40;

/** Keeps the answer of a call, or its error with all that came with it. */
async function keep({ surfaces }: Stage, name: string, call: () => Promise<unknown>) {
  const answer = await call().catch((error: unknown) => error);
  surfaces.value("answers", name, answer);
}

/** Metadata of gRPC and a user agent, as a client of some maker may send them. */
function plantedHeaders({ planter }: Stage): Record<string, string> {
  const carrier = "metadata of gRPC";
  const texts = planter
    .texts(carrier)
    .map(asHeader)
    .filter((text) => text.length > 7);
  const headers = texts.slice(0, HEADERS_MAX).map((text, i) => [`x-planted-${i}`, text] as const);
  return {
    "user-agent": asHeader(planter.text("user_agent", carrier)),
    cookie: asHeader(planter.text("token", carrier)),
    ...Object.fromEntries(headers),
  };
}

/** Makes every wrong call there is. */
export async function wrongCalls(stage: Stage, parties: Parties, recipient: string): Promise<void> {
  await wrongFrames(stage, parties);
  await wrongToSidecar(stage, parties);
  await wrongToReceiver(stage, parties, recipient);
}

async function wrongFrames(stage: Stage, { sensor }: Parties): Promise<void> {
  const { planter } = stage;
  const [good] = plantedFrames(planter, 1) as [Frame];
  const field = (name: string, value: string) => ({ name, value }) as MetadataField;
  const carrier = "faults in frames";
  const unnamed = Array.from({ length: 20 }, () =>
    field(
      planter.next("names of metadata that no policy can name").slice(0, 60),
      planter.next(carrier),
    ),
  );
  const wrong: readonly Partial<Frame>[] = [
    { metadata: unnamed },
    { metadata: [field("comment", planter.next(carrier).repeat(200))] },
    { metadata: [field(planter.next(carrier).repeat(20), planter.next(carrier))] },
    { metadata: Array.from({ length: 80 }, () => field("comment", planter.next(carrier))) },
    { stampNs: -BigInt(planter.value("visit_time", carrier)) },
    {
      pose: {
        translation: [Number(planter.value("user_id", carrier)), 0, 0],
        quaternion: [0, 0, 0, 1],
      },
    },
    {
      pose: {
        translation: [0, 0, 0],
        quaternion: [Number(planter.value("latitude", carrier)), 0, 0, 0],
      },
    },
    { data: good.data.subarray(0, 100) },
  ];
  const stream = await sensor.open({ layout: good.layout });
  for (const part of wrong) {
    const frame = { ...good, ...part };
    await keep(stage, "receipt of a wrong frame", () => stream.push(frame));
  }
  await stream.end().catch(() => {});
  const scale = Number(planter.value("longitude", carrier));
  const layout = {
    ...good.layout,
    pointStep: 8,
    x: { offset: Number(planter.value("sensor_serial", carrier)) % 2 ** 31, type: "f32", scale },
    otherFields: Array.from({ length: 80 }, () => planter.next(carrier)),
  } as const;
  await keep(stage, "a wrong layout", () => sensor.open({ layout }));
}

async function wrongToSidecar(stage: Stage, { socketPath }: Parties): Promise<void> {
  const { planter } = stage;
  const carrier = "faults in calls";
  const token = asHeader(planter.text("token", carrier));
  const headers = { ...plantedHeaders(stage), authorization: `Bearer ${token}` };
  const channel = openChannel({ unixPath: socketPath });
  try {
    for (const options of [{ headers }, { headers: plantedHeaders(stage) }]) {
      const status = createClient(StatusService, channel, options);
      await keep(stage, "status with a wrong token", () => status.getStatus({}));
      const permissions = createClient(PermissionService, channel, options);
      const name = planter.next(carrier);
      await keep(stage, "a wrong permission", () => permissions.getPermission({ name }));
    }
  } finally {
    channel.close();
  }
  await wrongAsOwner(stage, socketPath);
}

async function wrongAsOwner(stage: Stage, socketPath: string): Promise<void> {
  const { planter, folder } = stage;
  const carrier = "faults in calls";
  const tokenPath = join(folder, DEMO_FILES.robot, "clients", "owner.token");
  for (const language of ["en", "zh"] as const) {
    const owner = await SidecarClient.create({ socketPath, tokenPath, language });
    try {
      const [name, feature] = [planter.next(carrier), planter.next(carrier)];
      const platform = Platform.ROBOT;
      const named = `permissions/${planter.next(carrier)}`;
      await keep(stage, "no permission", () => owner.getPermission(name));
      await keep(stage, "no such permission", () => owner.getPermission(named));
      await keep(stage, "no such grant", () => owner.grantPermission({ name, affirmativeAct: "" }));
      await keep(stage, "no such withdrawal", () => owner.withdrawPermission({ name }));
      await keep(stage, "no such feature", () => owner.checkFeature({ platform, feature }));
      await keep(stage, "permissions", () => owner.listPermissions());
    } finally {
      owner.close();
    }
  }
}

async function wrongToReceiver(
  stage: Stage,
  { receiver, consumer }: Parties,
  recipient: string,
): Promise<void> {
  const { planter, folder } = stage;
  const carrier = "faults in calls";
  const file = (name: string) => join(folder, DEMO_FILES.certificates, name);
  const tls = certificateSource({
    caPath: file("authority.pem"),
    certificatePath: file("fleet.pem"),
    keyPath: file("fleet.key"),
    log: SILENT,
    clock: systemClock,
  });
  await tls.loaded;
  const channel = openChannel({ address: `127.0.0.1:${receiver.port}`, tls });
  try {
    const options = { headers: plantedHeaders(stage) };
    const ingest = createClient(IngestService, channel, options);
    const artefacts = createClient(ArtefactService, channel, options);
    // Whole artefacts, so that nothing but the name or the source is wrong.
    const stored = await firstOf(consumer.list(recipient));
    const veil = await consumer.download(stored!.name);
    const { source, digest } = stored!;
    const good = `recipients/${recipient}/artefacts/a0000000000000000`;
    const word = planter.text("ssid_han", carrier);
    const uploads = [
      { name: planter.next(carrier), source },
      { name: `recipients/${planter.next(carrier)}/artefacts/a`, source },
      { name: `recipients/${recipient}/artefacts/${word}`, source },
      { name: good, source: planter.next(carrier) },
    ];
    for (const { name, source: from } of uploads) {
      await keep(stage, "a wrong upload", async () => {
        const call = ingest.writeArtefact();
        const first = { name, source: from, dataClass: DataClass.LIDAR, data: veil, digest };
        const whole = { finishWrite: true, totalSize: BigInt(veil.length) };
        await call.write({ ...first, ...whole }).catch(() => {});
        call.end();
        return call.response;
      });
      await keep(stage, "no such upload", () => ingest.queryWriteStatus({ name }));
      await keep(stage, "not for an uploader", () => artefacts.getArtefact({ name }));
      await keep(stage, "no such artefact", () => consumer.get(name));
      await keep(stage, "no such download", () => consumer.download(name));
      await keep(stage, "no such deletion", () => consumer.delete(name));
    }
  } finally {
    channel.close();
    tls.close();
  }
}

async function firstOf<T>(values: AsyncIterable<T>): Promise<T | undefined> {
  for await (const value of values) return value;
  return undefined;
}
