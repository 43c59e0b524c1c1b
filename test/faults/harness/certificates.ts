/** A small authority of its own for every test: certificates made by openssl, not by the product. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** Certificate of the authority itself. */
  readonly ca: string;
  /** Signs a certificate with one name: "DNS:localhost", "URI:spiffe://home/fleet". */
  issue(file: string, name: string): CertificatePaths;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority in `folder`; its certificates are valid since so many days, by the faketime tool. */
export function makeAuthority(folder: string, daysAgo = 0): Authority {
  const at = (name: string) => join(folder, name);
  const command = daysAgo > 0 ? ["faketime", "-f", `-${daysAgo}d`, "openssl"] : ["openssl"];
  const openssl = (...args: string[]) => {
    const [file, ...rest] = [...command, ...args];
    execFileSync(file!, rest, { stdio: "pipe" });
  };
  const [ca, caKey] = [at("ca.pem"), at("ca.key")];
  openssl(
    ...[
      "req",
      "-x509",
      ...CURVE,
      "-keyout",
      caKey,
      "-out",
      ca,
      "-days",
      "400",
      "-subj",
      "/CN=Test authority",
    ],
    ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"],
  );
  return {
    ca,
    issue(file, name) {
      const [certificate, key, request] = [at(`${file}.pem`), at(`${file}.key`), at(`${file}.csr`)];
      writeFileSync(
        at(`${file}.ext`),
        `subjectAltName=${name}\nextendedKeyUsage=serverAuth,clientAuth\n`,
      );
      openssl("req", ...CURVE, "-keyout", key, "-out", request, "-subj", `/CN=${file}`);
      openssl(
        ...["x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial"],
        ...["-days", "400", "-extfile", at(`${file}.ext`), "-out", certificate],
      );
      return { certificate, key };
    },
  };
}
