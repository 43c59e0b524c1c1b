/** What the machine is known by on which a search runs: real values, beside those that are made up. */
import { readFileSync } from "node:fs";
import { homedir, hostname, networkInterfaces, userInfo } from "node:os";

/** Shorter ones, such as "root" and "/root", are in many texts of any machine. */
const CHARACTERS_MIN = 8;
const COMMON = new Set(["localhost", "localhost.localdomain", "raspberrypi"]);

function fileText(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return "";
  }
}

/** Host, user, home folder, machine id and hardware addresses, where they are long enough to tell. */
export function namesOfMachine(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((some) => some ?? [])
    .map(({ mac }) => mac)
    .filter((mac) => mac !== "00:00:00:00:00:00");
  const names = [hostname(), userName(), homedir(), fileText("/etc/machine-id"), ...addresses];
  return [...new Set(names)].filter((name) => name.length >= CHARACTERS_MIN && !COMMON.has(name));
}
