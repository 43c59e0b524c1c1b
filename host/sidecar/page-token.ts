/** Pages of lists: how long they are, and tokens that say where the next one begins. */
import { invalidField } from "../rpc/index.ts";

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
const TOKEN_CHARACTERS_MAX = 256;

/**
 * How many to give for a page_size.
 * @throws RpcError INVALID_ARGUMENT for a negative one
 */
export function pageLimit(pageSize: number): number {
  if (pageSize < 0) throw invalidField("page_size", "must not be negative");
  return pageSize === 0 ? PAGE_DEFAULT : Math.min(pageSize, PAGE_MAX);
}

/** A token for the page behind `after`; `list` names what is listed, its filters included. */
export function pageToken(list: string, after: string): string {
  return Buffer.from(`${list}\n${after}`, "utf8").toString("base64url");
}

/**
 * What the page begins behind; undefined for the first.
 * @throws RpcError INVALID_ARGUMENT for a token of another list, or of nobody
 */
export function pageStart(list: string, token: string): string | undefined {
  if (token === "") return undefined;
  const text =
    token.length > TOKEN_CHARACTERS_MAX ? "" : Buffer.from(token, "base64url").toString();
  const [of, after] = text.split("\n");
  if (of === list && after !== undefined) return after;
  throw invalidField("page_token", "is not the next_page_token of a page of this list");
}
