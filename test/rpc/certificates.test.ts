/** Certificates of one's own. */
import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import * as d from "../../host/rpc/der.ts";
import { createAuthority, issueCertificate } from "../../host/rpc/index.ts";

const authority = createAuthority({ name: "Home fleet", days: 100 });

test("an authority signs certificates that verify", () => {
  const ca = new X509Certificate(authority.certificate);
  expect(ca.ca).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  const ips = ["10.0.0.1", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8"];
  const request = { uris: ["spiffe://a/b"], dnsNames: ["a.example"], ips, days: 5 } as const;
  const issued = issueCertificate(authority, { ...request, role: "server" });
  const own = new X509Certificate(issued.certificate);
  expect(own.ca).toBe(false);
  expect(own.checkIssued(ca)).toBe(true);
  expect(own.verify(ca.publicKey)).toBe(true);
  expect(own.subject ?? "").toBe("");
  expect(own.checkHost("a.example")).toBe("a.example");
  for (const ip of ips) expect(own.checkIP(ip)).toBe(ip);
  expect(own.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});

test("serial numbers and keys are fresh and tell nothing", () => {
  const request = { uris: ["spiffe://a/b"], days: 5, role: "client" } as const;
  const made = Array.from({ length: 50 }, () => issueCertificate(authority, request));
  const serials = made.map(({ certificate }) => new X509Certificate(certificate).serialNumber);
  expect(new Set(serials).size).toBe(50);
  expect(serials.every((serial) => serial.length === 32)).toBe(true);
  expect(new Set(made.map(({ key }) => key)).size).toBe(50);
});

test("what a certificate cannot hold is refused", () => {
  const issue = (request: object) => () =>
    issueCertificate(authority, { days: 5, role: "client", ...request });
  for (const request of [{}, { uris: ["ü"] }, { dnsNames: ["a b"] }, { ips: ["1.2.3"] }]) {
    expect(issue(request)).toThrow(expect.objectContaining({ code: "USAGE" }));
  }
  const other = createAuthority({ name: "Other", days: 5 });
  const mixed = { certificate: authority.certificate, key: other.key };
  expect(() => issueCertificate(mixed, { uris: ["a:b"], days: 5, role: "client" })).toThrow(
    expect.objectContaining({ code: "USAGE" }),
  );
  for (const name of ["", "a\nb", "x".repeat(65), 'a"b']) {
    expect(() => createAuthority({ name, days: 5 })).toThrow(
      expect.objectContaining({ code: "USAGE" }),
    );
  }
});

test("a time beyond 2049 has four digits for its year", () => {
  const { certificate } = createAuthority({ name: "Long", days: 36_500 });
  const years = new Date(new X509Certificate(certificate).validTo).getUTCFullYear();
  expect(years - new Date().getUTCFullYear()).toBeGreaterThanOrEqual(99);
});

test("numbers and lengths have the one form that DER allows", () => {
  const hex = (bytes: Buffer) => bytes.toString("hex");
  expect(hex(d.integer(Buffer.from([0])))).toBe("020100");
  expect(hex(d.integer(Buffer.from([0, 0, 0x7f])))).toBe("02017f");
  expect(hex(d.integer(Buffer.from([0x80])))).toBe("02020080");
  expect(hex(d.octets(Buffer.alloc(127))).slice(0, 4)).toBe("047f");
  expect(hex(d.octets(Buffer.alloc(128))).slice(0, 6)).toBe("048180");
  expect(hex(d.octets(Buffer.alloc(256))).slice(0, 8)).toBe("04820100");
  expect(hex(d.oid("1.2.840.10045.4.3.2"))).toBe("06082a8648ce3d040302");
});
