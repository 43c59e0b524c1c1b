/**
 * What in a fleet's certificate points at this one machine. A certificate is all that the receiver sees
 * of a robot beside its pseudonyms: a host name, a hardware address or a serial number in it would link
 * them all.
 */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";

/** What names this machine, as its system says it. */
export interface MachineNames {
  readonly hostName: string;
  /** Hardware addresses, 12 hexadecimal digits. */
  readonly macs: readonly string[];
  /** Serial numbers and ids of the machine. */
  readonly serials: readonly string[];
}

/** A name that others may share says little; a number of the machine names it. */
export interface Trace {
  readonly kind: "host name" | "hardware address" | "serial number" | "number of one machine";
  /** Whether it certainly is that of this machine. */
  readonly isThisMachine: boolean;
}

const SERIAL_FILES = [
  "/etc/machine-id",
  "/sys/class/dmi/id/product_serial",
  "/sys/class/dmi/id/product_uuid",
  "/sys/class/dmi/id/board_serial",
  "/proc/device-tree/serial-number",
];

/** Shorter ones occur in other numbers by chance. */
const SERIAL_CHARACTERS_MIN = 6;

const compact = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-z]/g, "");

/** What this machine is called; what cannot be read is left out. */
export async function machineNames(): Promise<MachineNames> {
  const texts = await Promise.all(
    SERIAL_FILES.map((path) => readFile(path, "latin1").catch(() => "")),
  );
  const macs = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ mac }) => compact(mac))
    .filter((mac) => !/^0+$/.test(mac));
  return { hostName: hostname(), macs: [...new Set(macs)], serials: texts.map(compact) };
}

/** Names of one machine that the certificate (PEM) holds; empty if there are none. */
export function certificateTraces(pem: string | Buffer, machine: MachineNames): Trace[] {
  const { subject, subjectAltName, serialNumber } = new X509Certificate(pem);
  const text = `${subject ?? ""} ${subjectAltName ?? ""}`.toLowerCase();
  const number = serialNumber.toLowerCase();
  const digits = BigInt(`0x${number}`).toString();
  /** Written out, or as the certificate's own number: its digits, or its letters as bytes. */
  const holds = (value: string) =>
    compact(text).includes(value) ||
    number.includes(value) ||
    digits === value ||
    number.includes(Buffer.from(value, "latin1").toString("hex"));
  const traces: Trace[] = [];
  const found = (kind: Trace["kind"], isThisMachine: boolean) =>
    traces.push({ kind, isThisMachine });
  const host = machine.hostName.toLowerCase().split(".")[0] ?? "";
  const labels = text.split(/[^a-z0-9-]+/);
  if (host.length > 2 && host !== "localhost" && labels.includes(host)) found("host name", false);
  if (machine.macs.some(holds)) found("hardware address", true);
  const serials = machine.serials.filter(({ length }) => length >= SERIAL_CHARACTERS_MIN);
  if (serials.some(holds)) found("serial number", true);
  const looksLikeOne = /([0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}|\d{8}/.test(
    text,
  );
  if (looksLikeOne && traces.length === 0) found("number of one machine", false);
  return traces;
}

/** What to say of traces, without repeating them: undefined if there are none. */
export function tracesText(traces: readonly Trace[]): string | undefined {
  const [trace] = traces;
  if (trace === undefined) return undefined;
  const what = trace.isThisMachine
    ? `the ${trace.kind} of this machine`
    : `what looks like a ${trace.kind}`;
  return `the certificate of the fleet holds ${what}: the receiver could tell this robot by it`;
}
