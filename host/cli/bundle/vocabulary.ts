/** Mapveil's own words by where they stand: what is none of them was not written by it, and is not shown. */
import { constants } from "node:os";
import { keysOf } from "../../config/keys.ts";
import { EXIT_CODES } from "../../core/errors.ts";
import { IngestService } from "../../gen/mapveil/v1/ingest_service_pb.ts";
import { PermissionService } from "../../gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../../gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../../gen/mapveil/v1/status_service_pb.ts";
import { CATALOGUE } from "../../permission/catalogue.ts";
import { DATA_CLASSES } from "../../permission/vocabulary.ts";
import { LEVELS } from "../../policy/fields.ts";
import { receiverSchema } from "../../receiver/config.ts";
import { REASONS } from "../../receiver/index.ts";
import { RPC_CODES } from "../../rpc/rpc-error.ts";
import { sidecarSchema } from "../../sidecar/config.ts";
import { EVICTED_REASONS, REFUSED_REASONS } from "../../spool/types.ts";
import { LINK_STATES } from "../../telemetry/index.ts";

const METHODS = [IngestService, PermissionService, SensorService, StatusService].flatMap(
  (service) => [
    service.typeName,
    ...service.methods.map(({ name }) => `${service.typeName}/${name}`),
  ],
);

/** Why files were put in order at the start of a receiver. */
const RECOVERY_REASONS = ["FILE_MISSING", "RECORD_MISSING", "NOT_AN_ARTEFACT"];

/** What fields of the log and labels of metrics may say, by their name. */
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  severity: new Set(["debug", "info", "warn", "error"]),
  code: new Set([
    ...Object.keys(EXIT_CODES),
    ...Object.keys(RPC_CODES),
    ...Object.keys(constants.errno),
  ]),
  reason: new Set<string>([
    ...REFUSED_REASONS,
    ...EVICTED_REASONS,
    ...REASONS,
    ...RECOVERY_REASONS,
  ]),
  dataClass: new Set(DATA_CLASSES),
  permission: new Set<string>(CATALOGUE.keys()),
  level: new Set(LEVELS),
  key: new Set([sidecarSchema, receiverSchema].flatMap(keysOf).map(({ path }) => path.join("."))),
  signal: new Set(Object.keys(constants.signals)),
  method: new Set(METHODS),
  role: new Set(["sensor", "owner", "guardian", "monitor", "ingest", "consumer"]),
  state: new Set(LINK_STATES),
  quantile: new Set(["0.5", "0.99", "1"]),
};

/** Whether a word is one that Mapveil writes in this place. */
export function isOwnWord(place: string, word: string): boolean {
  if (place === "version") return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(word);
  return Object.hasOwn(WORDS, place) && WORDS[place]!.has(word);
}
