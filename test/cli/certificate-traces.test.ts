/** A certificate of the fleet that points at one robot is found, whatever the way in which it does. */
import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { certificateTraces, machineNames, tracesText } from "../../host/cli/certificate-traces.ts";
import { createAuthority, issueCertificate } from "../../host/rpc/index.ts";

const MACHINE = {
  hostName: "kitchen-7.local",
  macs: ["bc0fa7001fe2"],
  serials: ["", "122209000123", "9f86d081884c7d659a2feaa0c55ad015"],
};
const authority = createAuthority({ name: "Fleet", days: 2 });
const issue = (names: { uris?: string[]; dnsNames?: string[] }) =>
  issueCertificate(authority, { ...names, days: 1, role: "client" }).certificate;
const kinds = (names: Parameters<typeof issue>[0]) =>
  certificateTraces(issue(names), MACHINE).map(({ kind, isThisMachine }) => [kind, isThisMachine]);

test("one for the fleet has nothing of a machine", () => {
  expect(kinds({ uris: ["urn:mapveil:fleet"] })).toEqual([]);
  expect(kinds({ uris: ["spiffe://robots.example.com/ingest/v2"] })).toEqual([]);
  expect(kinds({ dnsNames: ["fleet-2027.example.com"] })).toEqual([]);
  expect(tracesText([])).toBeUndefined();
});

test.each([
  [{ dnsNames: ["kitchen-7.example.com"] }, "host name", false],
  [{ uris: ["spiffe://fleet/kitchen-7"] }, "host name", false],
  [{ uris: ["urn:mapveil:BC-0F-A7-00-1F-E2"] }, "hardware address", true],
  [{ dnsNames: ["bc0fa7001fe2.fleet"] }, "hardware address", true],
  [{ uris: ["urn:dev:mac:bc:0f:a7:00:1f:e2"] }, "hardware address", true],
  [{ uris: ["urn:robot:122209000123"] }, "serial number", true],
  [{ uris: ["urn:uuid:9f86d081-884c-7d65-9a2f-eaa0c55ad015"] }, "serial number", true],
  [{ uris: ["urn:robot:998877665544"] }, "number of one machine", false],
  [{ dnsNames: ["aa-bb-cc-dd-ee-ff.fleet"] }, "number of one machine", false],
])("%j is found", (names, kind, isThisMachine) => {
  expect(kinds(names)).toEqual([[kind, isThisMachine]]);
  const text = tracesText(certificateTraces(issue(names), MACHINE))!;
  expect(text).toContain(kind);
  for (const value of ["kitchen", "bc0f", "1222", "9988", "aa-bb"])
    expect(text).not.toContain(value);
});

test("a certificate's own number counts too", () => {
  const pem = issue({ uris: ["urn:mapveil:fleet"] });
  const { serialNumber } = new X509Certificate(pem);
  const inside = serialNumber.slice(4, 16).toLowerCase();
  const named = { ...MACHINE, macs: [inside] };
  expect(certificateTraces(pem, named)).toMatchObject([{ kind: "hardware address" }]);
  const decimal = { ...MACHINE, serials: [BigInt(`0x${serialNumber}`).toString()] };
  expect(certificateTraces(pem, decimal)).toMatchObject([{ kind: "serial number" }]);
});

test("this machine can be asked for its names", async () => {
  const { hostName, macs } = await machineNames();
  expect(hostName.length).toBeGreaterThan(0);
  for (const mac of macs) expect(mac).toMatch(/^[0-9a-f]{12}$/);
});
