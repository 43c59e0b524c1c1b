/** A fresh data key for one artefact, sealed for its recipient, all of it made in the core. */
import {
  E_ARG,
  E_STATE,
  SEAL_DATA_KEY,
  SEAL_KEY_ID,
  SEAL_RECIPIENT,
  SEAL_SEALED_KEY,
  SEAL_STREAM_HEADER,
} from "../abi.ts";
import { SEAL_PTR } from "../memory.ts";
import { blake2b } from "./blake2b.ts";
import { sealBox } from "./box.ts";
import { draw } from "./seed.ts";
import { BOX_KEY, DRAWN } from "./state.ts";
import { forgetKeyMaterial, forgetScratch } from "./veil.ts";

const KEY_ID_CONTEXT = <u32>(
  memory.data<u8>([
    0x6d, 0x61, 0x70, 0x76, 0x65, 0x69, 0x6c, 0x2e, 0x6b, 0x65, 0x79, 0x2d, 0x69, 0x64, 0x2e, 0x76,
    0x31,
  ])
);
const KEY_ID_CONTEXT_BYTES: u32 = 17;

/** What is drawn, behind the next state of the seed. */
const DATA_KEY: u32 = DRAWN + 32;
const SECRET: u32 = DRAWN + 64;
const STREAM_HEADER: u32 = DRAWN + 96;

/**
 * Fills data key, stream header, key id and sealed key of REGION_SEAL for SEAL_RECIPIENT; wipes the
 * region where it refuses. E_STATE: no seed was taken. E_ARG: the recipient is missing, or of low
 * order.
 */
export function sealKey(): i32 {
  const status = fill();
  if (status < 0) forgetKeyMaterial();
  else forgetScratch();
  return status;
}

function fill(): i32 {
  const recipient = SEAL_PTR + SEAL_RECIPIENT;
  if (!draw()) return E_STATE;
  // A recipient of zeros, as if none was written, is of low order.
  if (!sealBox(SEAL_PTR + SEAL_SEALED_KEY, DATA_KEY, recipient, SECRET)) return E_ARG;
  memory.copy(SEAL_PTR + SEAL_DATA_KEY, DATA_KEY, 32);
  memory.copy(SEAL_PTR + SEAL_STREAM_HEADER, STREAM_HEADER, 24);
  blake2b(BOX_KEY, 32, recipient, 32, KEY_ID_CONTEXT, KEY_ID_CONTEXT_BYTES);
  memory.copy(SEAL_PTR + SEAL_KEY_ID, BOX_KEY, 8);
  return 0;
}
