// Run in a process of its own by sensors.ts, as plain JavaScript, so that nothing but Node and the
// built package is in it: sanitises a frame that comes on stdin again and again, and says as JSON how
// large the process became, and how much of the core's memory was touched.
//
//   node sensor-memory.mjs '{"count":131072,"layout":{…}}' < data
import { readFileSync, readSync } from "node:fs";
import { defaultPolicy, generateRecipientKey, Sanitizer } from "../../dist/host/index.js";

const FRAMES = 16;
/** Pages, as asconfig.json gives them. */
const CORE_KIB = 3766 * 64;
const KIB = 1024;

const { count, layout } = JSON.parse(process.argv[2]);
const data = new Uint8Array(count * layout.pointStep);
for (let at = 0; at < data.length; ) {
  const read = readSync(0, data, at, data.length - at, null);
  if (read === 0) throw new Error(`${at} bytes where ${data.length} belong`);
  at += read;
}

const isLinux = process.platform === "linux";
const field = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);

/** Largest resident size. What getrusage tells counts the process that this one was forked from. */
function peakMiB() {
  const kib = isLinux
    ? field(readFileSync("/proc/self/status", "utf8"), "VmHWM")
    : process.resourceUsage().maxRSS;
  return kib / KIB;
}

/** MiB of the core's memory that are there, by the size of its mapping; none where /proc is not. */
function coreMiB() {
  if (!isLinux) return undefined;
  const mappings = readFileSync("/proc/self/smaps", "utf8").split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/);
  const core = mappings.filter((mapping) => field(mapping, "Size") === CORE_KIB);
  return core.length === 1 ? field(core[0], "Rss") / KIB : undefined;
}

const { publicKey } = generateRecipientKey();
const sanitizer = await Sanitizer.create({ policy: defaultPolicy(), recipient: publicKey });
for (let i = 0; i < FRAMES; i++) sanitizer.sanitize({ count, layout, data, metadata: [] });
process.stdout.write(JSON.stringify({ peakMiB: peakMiB(), coreMiB: coreMiB() }));
