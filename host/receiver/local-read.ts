/** A stored artefact being read from the local store. */
import type { LocalFiles } from "./local-files.ts";
import type { LocalIndex } from "./local-index.ts";
import { diskRefusal, refusal } from "./reasons.ts";
import type { ArtefactRead } from "./store.ts";

/** Opens a stored artefact; see Store.openRead. */
export async function openLocalRead(
  index: LocalIndex,
  files: LocalFiles,
  id: string,
): Promise<ArtefactRead> {
  const stored = () => {
    const record = index.get(id);
    if (record?.state !== "stored") throw refusal("ARTEFACT_NOT_FOUND");
    return record.artefact;
  };
  const { sizeBytes } = stored();
  const handle = await files.openForReading(id).catch((error: unknown) => {
    throw diskRefusal(error);
  });
  if (handle === undefined) {
    stored();
    throw refusal("ARTEFACT_DAMAGED");
  }
  return {
    sizeBytes,
    async read(offset, length) {
      const target = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
      for (let done = 0; done < target.length; ) {
        const left = target.length - done;
        const { bytesRead } = await handle
          .read(target, done, left, offset + done)
          .catch((error: unknown) => {
            throw diskRefusal(error);
          });
        // A deletion cuts the file before it removes it: asked after each read, not only before.
        stored();
        if (bytesRead === 0) throw refusal("ARTEFACT_DAMAGED");
        done += bytesRead;
      }
      return target;
    },
    close: () => handle.close(),
  };
}
