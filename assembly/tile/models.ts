/**
 * The probability models of the tile, and how they learn.
 *
 *   SHAPE       [rank 3][crowd 4][siblings 8]         levels below LONE_LEVEL
 *   SHAPE_HIGH  [crowd 4][siblings 8]                 levels from LONE_LEVEL on
 *   LOW         [rank 4][siblings 8]
 *   HIGH        [rank 4][siblings 8][children 0..3: 16]
 *   VALUE       [value 6][0: the high bits, 16 + high bits: the lowest four]
 *
 * What siblings, crowd and rank are stands in contexts.ts.
 *
 * A model is 16 u16: the upper bounds of its symbols on a scale of 32768. Models of SHAPE have 9
 * symbols, bounds at first (s + 1) * 3640 and 32768 for the last; all others have 16, at first
 * (s + 1) * 2048. The last bound never changes, and what stands before a model is, masked to 15 bits,
 * the lower bound 0 of its first symbol.
 *
 * After a symbol s of n, bound i moves by (target - bound) >> rate, an arithmetic shift that rounds
 * down. The target is 16 (i + 1) for i < s, and 32768 - 16 n more from s on. The rate is
 * 1 + floor(log2(uses + 2)), `uses` counting the symbols before this one and stopping at 61: 2 at
 * first, 6 in the end. Targets are 16 apart, so no symbol ever loses its chance, used or not.
 */
import { MODELS_PTR, SMALL } from "../memory.ts";

/** Ranks of levels that have models of their own. */
export const RANKS: u32 = 4;
/** Nodes from this level on may be lone ones; see lone.ts. */
export const LONE_LEVEL: u32 = 4;
/** Symbols are spread over this scale. */
export const SCALE_BITS: u32 = 15;
export const SCALE_MASK: u32 = (1 << SCALE_BITS) - 1;

/** Models of the shapes of one rank. */
export const RANK_MODELS: u32 = 32;
/** Ranks that have their place at the same time; micro has one after the other, and no values. */
const HELD: u32 = SMALL ? 1 : RANKS;

/** Models are numbered. */
export const SHAPE: u32 = 0;
export const SHAPE_HIGH: u32 = SHAPE + (HELD - 1) * RANK_MODELS;
export const LOW: u32 = SHAPE_HIGH + RANK_MODELS;
export const HIGH: u32 = LOW + HELD * 8;
export const VALUE: u32 = HIGH + HELD * 128;
const MODEL_COUNT: u32 = SMALL ? VALUE : VALUE + 6 * 32;

/** Uses of each model, one byte that stops at 61. */
const USES_PTR: u32 = MODELS_PTR;
const USES_BYTES: u32 = SMALL ? 192 : 1024;
/** The word before the first model is 0, as if a model ended there. */
const BOUNDS_PTR: u32 = MODELS_PTR + USES_BYTES;

/** All symbols of a model equally likely, no model used; those below `few` have 9 of them. */
export function resetModels(few: u32): void {
  if (ASC_FEATURE_SIMD && !SMALL) prepareTargets();
  memory.fill(USES_PTR, 0, USES_BYTES);
  for (let m: u32 = 0; m < MODEL_COUNT; m++) {
    for (let s: u32 = 0; s < 16; s++) {
      const wide = s < 8 ? (s + 1) * 3640 : 32768;
      store<u16>(boundsOf(m) + (s << 1), <u16>(m < few ? wide : (s + 1) << 11));
    }
  }
}

/** Address of the model's bounds. */
// @ts-expect-error: decorator
@inline
export function boundsOf(model: u32): u32 {
  return BOUNDS_PTR + (model << 5);
}

/** Lower bound of a symbol. */
// @ts-expect-error: decorator
@inline
export function lowerBound(bounds: u32, symbol: u32): u32 {
  return <u32>load<u16>(bounds + (symbol << 1) - 2) & SCALE_MASK;
}

/** Upper bound of a symbol. */
// @ts-expect-error: decorator
@inline
export function upperBound(bounds: u32, symbol: u32): u32 {
  return <u32>load<u16>(bounds + (symbol << 1));
}

/** Counts a use of the model; returns the rate at which it learns from it. */
// @ts-expect-error: decorator
@inline
export function nextRate(model: u32): i32 {
  const uses = <u32>load<u8>(USES_PTR + model);
  store<u8>(USES_PTR + model, <u8>(uses + <u32>(uses < 61)));
  return 32 - clz<u32>(uses + 2);
}

/**
 * Targets of the bounds after each symbol, for an encoder, which knows it: [symbol 16][bound 16] of
 * models of 16 symbols, then [symbol 16][bound 8] of those of 9. Made on first use.
 */
// @ts-expect-error: decorator
@lazy
const TARGETS16: usize = memory.data(512, 16);
// @ts-expect-error: decorator
@lazy
const TARGETS9: usize = memory.data(256, 16);

function prepareTargets(): void {
  if (load<u16>(TARGETS16) != 0) return;
  for (let symbol: u32 = 0; symbol < 16; symbol++) {
    for (let i: u32 = 0; i < 16; i++) {
      const target = ((i + 1) << 4) + (i >= symbol ? 32512 : 0);
      store<u16>(TARGETS16 + (symbol << 5) + (i << 1), <u16>target);
    }
    for (let i: u32 = 0; i < 8; i++) {
      const target = ((i + 1) << 4) + (i >= symbol ? 32624 : 0);
      store<u16>(TARGETS9 + (symbol << 4) + (i << 1), <u16>target);
    }
  }
}

/** A vector of bounds moved towards one of targets. */
// @ts-expect-error: decorator
@inline
function moveTowards(bounds: u32, targets: usize, rate: i32): void {
  const old = v128.load(bounds);
  v128.store(bounds, i16x8.add(old, i16x8.shr_s(i16x8.sub(v128.load(targets), old), rate)));
}

/** Moves a model of 9 symbols towards a symbol. */
// @ts-expect-error: decorator
@inline
export function learn9(bounds: u32, symbol: u32, rate: i32): void {
  if (ASC_FEATURE_SIMD) moveTowards(bounds, TARGETS9 + (symbol << 4), rate);
  else moveBounds(bounds, symbol, 9, rate);
}

/** Moves a model of 16 symbols towards a symbol. */
// @ts-expect-error: decorator
@inline
export function learn16(bounds: u32, symbol: u32, rate: i32): void {
  if (ASC_FEATURE_SIMD) {
    moveTowards(bounds, TARGETS16 + (symbol << 5), rate);
    moveTowards(bounds + 16, TARGETS16 + 16 + (symbol << 5), rate);
  } else {
    moveBounds(bounds, symbol, 16, rate);
  }
}

/** Bounds 0..7 moved towards a symbol; `above` is -1 for the bounds from the symbol on. */
// @ts-expect-error: decorator
@inline
export function movedOf9(old: v128, above: v128, rate: i32): v128 {
  const lift = v128.and(above, i16x8.splat(32624));
  const target = i16x8.add(i16x8(16, 32, 48, 64, 80, 96, 112, 128), lift);
  return i16x8.add(old, i16x8.shr_s(i16x8.sub(target, old), rate));
}

/** Bounds 0..7 of a model of 16 symbols. */
// @ts-expect-error: decorator
@inline
export function movedLow16(old: v128, above: v128, rate: i32): v128 {
  const lift = v128.and(above, i16x8.splat(32512));
  const target = i16x8.add(i16x8(16, 32, 48, 64, 80, 96, 112, 128), lift);
  return i16x8.add(old, i16x8.shr_s(i16x8.sub(target, old), rate));
}

/** Bounds 8..15; the last one, 32768 read as a negative number, is no higher than any place. */
// @ts-expect-error: decorator
@inline
export function movedHigh16(old: v128, above: v128, rate: i32): v128 {
  const lift = v128.and(above, i16x8(32512, 32512, 32512, 32512, 32512, 32512, 32512, 0));
  const target = i16x8.add(i16x8(144, 160, 176, 192, 208, 224, 240, -32768), lift);
  return i16x8.add(old, i16x8.shr_s(i16x8.sub(target, old), rate));
}

/** The same one by one, for engines without vectors: `symbols` is 9 or 16. */
export function moveBounds(bounds: u32, symbol: u32, symbols: u32, rate: i32): void {
  const lift = <i32>(32768 - (symbols << 4));
  for (let i: u32 = 0; i < symbols - 1; i++) {
    const at = bounds + (i << 1);
    const old = <i32>load<u16>(at);
    const target = <i32>((i + 1) << 4) + (i >= symbol ? lift : 0);
    store<u16>(at, <u16>(old + ((target - old) >> rate)));
  }
}
