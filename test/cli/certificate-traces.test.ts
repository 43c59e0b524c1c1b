/** A certificate of the fleet that points at one robot is found, whatever the way in which it does. */
import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { certificateTraces, machineNames, tracesText } from "../../host/cli/certificate-traces.ts";
import { createAuthority, issueCertificate } from "../../host/rpc/index.ts";
import { put, runIn, serviceFolder } from "./service-support.ts";

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

test("validate warns of this machine's host name, and refuses its hardware address", async () => {
  const { hostName, macs } = await machineNames();
  const label = hostName.toLowerCase().split(".")[0]!;
  const folder = serviceFolder();
  await runIn(folder, ["keygen", "-o", "home.key"]);
  const check = async (uris: string[]) => {
    const pair = issueCertificate(authority, { uris, days: 1, role: "client" });
    put(folder, "ca.pem", authority.certificate);
    put(folder, "fleet.pem", pair.certificate);
    put(folder, "fleet.key", pair.key);
    put(
      folder,
      "s.yaml",
      "version: 1\nrecipient: home.key.pub\nuplink: {address: 'r.example:1', ca: ca.pem, certificate: fleet.pem, key: fleet.key}\n",
    );
    return runIn(folder, ["sidecar", "validate", "-c", "s.yaml"]);
  };
  expect((await check(["urn:mapveil:fleet"])).out).not.toContain("WARNING");
  if (/^[a-z0-9-]{3,}$/.test(label) && label !== "localhost") {
    const warned = await check([`urn:fleet:${label}`]);
    expect([warned.exit, warned.out.includes("WARNING")]).toEqual([0, true]);
  }
  for (const mac of macs.slice(0, 1)) {
    const refused = await check([`urn:fleet:${mac}`]);
    expect(refused.exit).toBe(78);
    expect(refused.err).toContain("hardware address of this machine");
    expect(refused.err).not.toContain(mac);
  }
});

test("this machine can be asked for its names", async () => {
  const { hostName, macs } = await machineNames();
  expect(hostName.length).toBeGreaterThan(0);
  for (const mac of macs) expect(mac).toMatch(/^[0-9a-f]{12}$/);
});
