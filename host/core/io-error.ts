/** Errors of the file system, as sentences. */
import { MapveilError } from "./errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EISDIR: "this is a folder, not a file; name a file",
  ENOTDIR: "a part of the path is not a folder; check the path",
  EACCES: "permission denied; check the owner and mode of the file and its folder",
  EPERM: "the operation is not permitted; check the owner and mode of the file and its folder",
  EROFS: "the file system is read-only; choose another folder",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  ELOOP: "too many symbolic links; check the path",
  EFBIG: "the file would be larger than the file system or the process limit allows",
  EIO: "the device reported an error; check the disk",
};

/**
 * Turns an error of the file system into a MapveilError: NO_SPACE for a full disk or quota, IO for
 * the rest. MapveilErrors come back unchanged. `action` is "read" or "write".
 */
export function ioError(error: unknown, path: string, action: "read" | "write"): MapveilError {
  if (error instanceof MapveilError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "unknown error";
  if (code === "ENOSPC" || code === "EDQUOT") {
    const text = `${path}: cannot write, the disk is full (${code}); free some space and try again.`;
    return new MapveilError("NO_SPACE", text, { file: path }, error);
  }
  const reason = REASONS[code] ?? "the system refused";
  return new MapveilError(
    "IO",
    `${path}: cannot ${action}, ${reason} (${code}).`,
    { file: path },
    error,
  );
}
