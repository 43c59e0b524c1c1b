/** The product as robots run it, but for its randomness, which is seeded: what the attacks are against. */
import { generateRecipientKey } from "../keys/index.ts";
import { defaultPolicy } from "../policy/index.ts";
import { MapMaker } from "../veil/map-maker.ts";
import { Sanitizer } from "../veil/sanitizer.ts";
import { seeded } from "./random.ts";

export interface Product {
  readonly maker: MapMaker;
  readonly sanitizer: Sanitizer;
}

/** Loads it; takes half a second. */
export async function loadProduct(seed: number): Promise<Product> {
  const { bytes: random } = seeded(seed, 103);
  const { publicKey: recipient } = generateRecipientKey(random);
  const options = { policy: defaultPolicy(), recipient, random };
  return { maker: await MapMaker.create(options), sanitizer: await Sanitizer.create(options) };
}
