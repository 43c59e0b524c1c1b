/**
 * Places in the order of storage as clients hold them: opaque, checked against slips, and good for the
 * recipient and the method that they were given for only. They are no secret and protect nothing.
 */
import { createHash } from "node:crypto";
import { refusal } from "./reasons.ts";

export type TokenUse = "page" | "watch";

const CHECK_BYTES = 8;

/** The token of the place behind an artefact. */
export function placeToken(use: TokenUse, recipient: string, order: number): string {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(order));
  const check = createHash("sha256").update(`mapveil ${use} ${recipient} `).update(place).digest();
  return Buffer.concat([place, check.subarray(0, CHECK_BYTES)]).toString("base64url");
}

/** The order behind which a token goes on; 0 for none. Throws TOKEN_INVALID. */
export function placeOf(use: TokenUse, recipient: string, token: string): number {
  if (token === "") return 0;
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length === 8 + CHECK_BYTES) {
    const order = Number(bytes.readBigUInt64BE());
    if (Number.isSafeInteger(order) && placeToken(use, recipient, order) === token) return order;
  }
  throw refusal("TOKEN_INVALID", { field: use === "page" ? "page_token" : "resume_token" });
}
