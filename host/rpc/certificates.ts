/** An authority of one's own and certificates that it signs: for fleets without one, demos and tests. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { MapveilError } from "../core/errors.ts";
import * as d from "./der.ts";

const DAY_MS = 86_400_000;

/** Clocks of robots may be a little behind. */
const BACKDATED_MS = 300_000;

const ECDSA_SHA256 = d.sequence(d.oid("1.2.840.10045.4.3.2"));
const PURPOSES = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

/** PEM texts. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** Names such as "spiffe://fleet/ingest". Never one that tells the robot or the home. */
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ips?: readonly string[];
  /** How long it is valid, 1 to 3650; negative for one that has expired. */
  readonly days: number;
  readonly role: keyof typeof PURPOSES;
}

interface Keys {
  readonly publicKey: Buffer;
  readonly keyId: Buffer;
  readonly privateKey: KeyObject;
}

function keysOf(privateKey: KeyObject): Keys {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const keyId = createHash("sha256").update(publicKey).digest().subarray(0, 20);
  return { publicKey, keyId, privateKey };
}

const makeKeys = () => keysOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);

/** Name and keys of an authority that `createAuthority` made. */
function open({ certificate, key }: IssuedCertificate): { name: string; keys: Keys } {
  const own = new X509Certificate(certificate);
  const privateKey = createPrivateKey(key);
  const name = /^CN=([^\n\\"]+)$/.exec(own.subject)?.[1];
  if (own.ca && name !== undefined && own.checkPrivateKey(privateKey)) {
    return { name, keys: keysOf(privateKey) };
  }
  throw new MapveilError("USAGE", "This is no authority that Mapveil made, with its key.");
}

const nameOf = (commonName: string) =>
  commonName === ""
    ? d.sequence()
    : d.sequence(d.setOf(d.sequence(d.oid("2.5.4.3"), d.text(commonName))));

const extension = (id: string, critical: boolean, value: Uint8Array) =>
  d.sequence(d.oid(id), ...(critical ? [d.truth()] : []), d.octets(value));

const basicConstraints = (authority: boolean) =>
  extension("2.5.29.19", true, authority ? d.sequence(d.truth()) : d.sequence());

/** Bits from the left: digital signature is the first, signing of certificates the sixth. */
const keyUsage = (bit: number) =>
  extension("2.5.29.15", true, d.bits(Buffer.from([0x80 >> bit]), 7 - bit));

function addressBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split(".").map(Number));
  if (!isIPv6(ip) || ip.includes(".") || ip.includes("%")) {
    throw new MapveilError("USAGE", `${ip}: is no address of the internet protocol.`);
  }
  const [head, tail] = ip.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  const groups = [...head!, ...new Array<string>(missing).fill("0"), ...(tail ?? [])];
  const bytes = Buffer.alloc(16);
  for (const [i, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  return bytes;
}

/** Other names; the only ones there are, so that verifiers must look at them. */
function alternativeNames({ uris = [], dnsNames = [], ips = [] }: CertificateRequest): Buffer {
  const ascii = (name: string) => {
    if (/^[\x21-\x7e]+$/.test(name)) return Buffer.from(name, "latin1");
    const text = `${name}: names in certificates are ASCII without spaces.`;
    throw new MapveilError("USAGE", text);
  };
  const names = [
    ...dnsNames.map((name) => d.taggedBytes(2, ascii(name))),
    ...uris.map((name) => d.taggedBytes(6, ascii(name))),
    ...ips.map((ip) => d.taggedBytes(7, addressBytes(ip))),
  ];
  if (names.length === 0) throw new MapveilError("USAGE", "A certificate needs a name.");
  return extension("2.5.29.17", true, d.sequence(...names));
}

interface Content {
  readonly issuer: string;
  readonly issuerKeys: Keys;
  readonly subject: string;
  readonly keys: Keys;
  readonly days: number;
  readonly extensions: readonly Buffer[];
}

const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;

function build(content: Content): IssuedCertificate {
  const { issuer, issuerKeys, subject, keys, days, extensions } = content;
  const end = Date.now() + days * DAY_MS;
  const begin = Math.min(Date.now(), end) - BACKDATED_MS;
  const body = d.sequence(
    d.tagged(0, d.integer(Buffer.from([2]))),
    // Random: a number that counts would tell how many robots there are.
    d.integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    ECDSA_SHA256,
    nameOf(issuer),
    d.sequence(d.time(new Date(begin)), d.time(new Date(end))),
    nameOf(subject),
    keys.publicKey,
    d.tagged(
      3,
      d.sequence(
        ...extensions,
        extension("2.5.29.14", false, d.octets(keys.keyId)),
        extension("2.5.29.35", false, d.sequence(d.taggedBytes(0, issuerKeys.keyId))),
      ),
    ),
  );
  const signature = sign("sha256", body, issuerKeys.privateKey);
  const certificate = d.sequence(body, ECDSA_SHA256, d.bits(signature));
  const key = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { certificate: pem(certificate), key };
}

/**
 * An authority with a fresh P-256 key, valid for `days` from now. Whoever has its key decides whom the
 * other side trusts. Throws MapveilError USAGE for a name other than of 1 to 64 plain characters.
 */
export function createAuthority(request: { name: string; days: number }): IssuedCertificate {
  const { name, days } = request;
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(name)) {
    const text = `${name}: the name of an authority has 1 to 64 letters, digits, spaces, dots and dashes.`;
    throw new MapveilError("USAGE", text);
  }
  const keys = makeKeys();
  return build({
    issuer: name,
    issuerKeys: keys,
    subject: name,
    keys,
    days,
    extensions: [basicConstraints(true), keyUsage(5)],
  });
}

/**
 * A certificate with a fresh P-256 key for one side of TLS. It has alternative names only, no subject,
 * and a random serial number. Throws MapveilError USAGE for a name that a certificate cannot hold, or
 * an authority that is none of `createAuthority`.
 */
export function issueCertificate(
  authority: IssuedCertificate,
  request: CertificateRequest,
): IssuedCertificate {
  const { name, keys } = open(authority);
  return build({
    issuer: name,
    issuerKeys: keys,
    subject: "",
    keys: makeKeys(),
    days: request.days,
    extensions: [
      basicConstraints(false),
      keyUsage(0),
      extension("2.5.29.37", false, d.sequence(d.oid(PURPOSES[request.role]))),
      alternativeNames(request),
    ],
  });
}
