/** Wiping of secrets. */

/**
 * Fills arrays with zero. Only these arrays are wiped: JavaScript strings and copies inside
 * libsodium's own memory cannot be, so secrets should not live longer than their work.
 */
export function wipe(...arrays: readonly (Uint8Array | null | undefined)[]): void {
  for (const array of arrays) array?.fill(0);
}
