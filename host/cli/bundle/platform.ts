/** The machine as far as faults hang on it: its class, and nothing by which it could be found again. */
import { existsSync } from "node:fs";
import { arch, cpus, freemem, platform, release, totalmem, uptime } from "node:os";
import { packageVersion } from "../package-root.ts";

const GIB = 2 ** 30;
const MAKERS = [
  "Intel",
  "AMD",
  "ARM",
  "Cortex",
  "Apple",
  "Rockchip",
  "Qualcomm",
  "NVIDIA",
  "Loongson",
];

/** The maker of the processor if that is one of a closed list. */
function maker(): string {
  const model = cpus()[0]?.model.toLowerCase() ?? "";
  return MAKERS.find((name) => model.includes(name.toLowerCase())) ?? "other";
}

/** Numbers alone: what vendors and users append may name a product or a machine. */
const numbersOf = (text: string) => /^\d+(?:\.\d+){0,2}/.exec(text)?.[0] ?? "unknown";

/** What may be told of the machine; memory in whole GiB, times in whole hours. */
export function platformFacts(): object {
  return {
    system: platform(),
    kernel: numbersOf(release()),
    processor: { arch: arch(), maker: maker(), cores: cpus().length },
    memoryGib: Math.round(totalmem() / GIB),
    freeMemoryPercent: Math.round((100 * freemem()) / totalmem()),
    upHours: Math.floor(uptime() / 3600),
    container: existsSync("/.dockerenv") || existsSync("/run/.containerenv"),
  };
}

/** What runs. */
export function versionFacts(): object {
  const { node, v8, openssl, uv } = process.versions;
  return {
    mapveil: packageVersion(),
    node,
    v8: numbersOf(v8),
    openssl: numbersOf(openssl),
    uv: numbersOf(uv),
  };
}
