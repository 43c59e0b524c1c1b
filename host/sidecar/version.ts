/** The version that this sidecar tells its clients. */
import { existsSync, readFileSync } from "node:fs";

/** Version in the package.json above this folder, from the sources as from dist/. */
export function sidecarVersion(): string {
  const places = ["../../", "../../../"].map((up) => new URL(`${up}package.json`, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) return "unknown";
  return (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version;
}
