/** A disk of a few megabytes that can be full, and have room again. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class SmallDisk {
  readonly folder: string;

  constructor(megabytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), "mv-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.folder]);
  }

  /** Bytes that are free. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Leaves only so many bytes free: somebody else filled the disk. */
  fill(leaveBytes: number): void {
    writeFileSync(join(this.folder, "ballast"), Buffer.alloc(Math.max(0, this.free - leaveBytes)));
  }

  /** Somebody else made room. */
  clear(): void {
    rmSync(join(this.folder, "ballast"), { force: true });
  }

  close(): void {
    execFileSync("umount", ["-l", this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
