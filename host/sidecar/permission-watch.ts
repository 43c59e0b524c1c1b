/** Every permission as it is, then each one that changes, for as long as somebody looks. */
import type { PermissionAnswer, Permissions } from "../permission/index.ts";

/**
 * Ends by throwing the signal's reason. A slow reader misses states in between, never the last one:
 * what waits is one state for each permission.
 */
export async function* watchPermissions(
  permissions: Permissions,
  signal: AbortSignal,
): AsyncGenerator<PermissionAnswer> {
  const changed = new Map<string, PermissionAnswer>();
  let wake = () => {};
  const onAbort = () => wake();
  const stop = permissions.onChange((answer) => {
    changed.set(answer.permission.id, answer);
    wake();
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const { epoch } = permissions.gate;
    for (const permission of permissions.list()) yield { permission, epoch };
    for (;;) {
      signal.throwIfAborted();
      const [next] = changed.values();
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else {
        changed.delete(next.permission.id);
        yield next;
      }
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
  }
}
