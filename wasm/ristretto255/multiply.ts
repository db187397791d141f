/**
 * Scalar multiplication with signed windows of four bits: one sequence of field operations for
 * every scalar and point, and table entries chosen by reading all nine of them.
 *
 * Every product is taken by s/2 mod l, because `encodeDoubled` gives the encoding of twice a point
 * without a square root (ristretto.group, "Batched Double-and-Encode").
 */
import {
  ACCUMULATOR, BASE_TABLE, CHOSEN, COMPLETED, DIGITS, FE, G0, POINT, WINDOW,
} from './layout';
import { copy, negateIf, select } from './field';
import { addCached, double, identity, toCached, toExtended, toProjective } from './group';

// DIGITS = 64 signed digits in [-8, 8] of s/2 mod l = (s + (s mod 2) l) / 2, for s < l.
function recodeHalf(scalar: usize): void {
  const w0 = load<u64>(scalar);
  const w1 = load<u64>(scalar, 8);
  const odd: u64 = 0 - (w0 & 1);
  // l = 2^252 + 0x14def9dea2f79cd6 2^64 + 0x5812631a5cf5d3ed
  const s0 = w0 + (odd & 0x5812631a5cf5d3ed);
  const c0 = <u64>(s0 < w0);
  const t1 = w1 + (odd & 0x14def9dea2f79cd6);
  const s1 = t1 + c0;
  const c1 = <u64>(t1 < w1) | <u64>(s1 < t1);
  const w2 = load<u64>(scalar, 16);
  const s2 = w2 + c1;
  const s3 = load<u64>(scalar, 24) + (odd & 0x1000000000000000) + <u64>(s2 < w2);
  nibbles(DIGITS, (s0 >> 1) | (s1 << 63));
  nibbles(DIGITS + 16, (s1 >> 1) | (s2 << 63));
  nibbles(DIGITS + 32, (s2 >> 1) | (s3 << 63));
  nibbles(DIGITS + 48, s3 >> 1);
  let c: i32 = 0;
  for (let i: usize = 0; i < 63; ++i) {
    const digit = <i32>load<u8>(DIGITS + i) + c;
    c = (digit + 8) >> 4;
    store<i8>(DIGITS + i, <i8>(digit - (c << 4)));
  }
  store<i8>(DIGITS, <i8>(<i32>load<u8>(DIGITS, 63) + c), 63);
}

function nibbles(at: usize, word: u64): void {
  for (let i: usize = 0; i < 16; ++i) {
    store<u8>(at + i, <u8>(word & 15));
    word >>= 4;
  }
}

// CHOSEN = digit times the base of `table`, whose entries are 0 to 8 times it, cached.
function choose(table: usize, digit: i32): void {
  const sign = digit >> 31;
  const index = (digit ^ sign) - sign;
  let v0 = i32x4.splat(0);
  let v1 = v0;
  let v2 = v0;
  let v3 = v0;
  let v4 = v0;
  let v5 = v0;
  let v6 = v0;
  let v7 = v0;
  let v8 = v0;
  for (let j: i32 = 0; j < 9; ++j) {
    const mask = i32x4.splat(((j ^ index) - 1) >> 31);
    v0 = v128.or(v0, v128.and(mask, v128.load(table)));
    v1 = v128.or(v1, v128.and(mask, v128.load(table, 16)));
    v2 = v128.or(v2, v128.and(mask, v128.load(table, 32)));
    v3 = v128.or(v3, v128.and(mask, v128.load(table, 48)));
    v4 = v128.or(v4, v128.and(mask, v128.load(table, 64)));
    v5 = v128.or(v5, v128.and(mask, v128.load(table, 80)));
    v6 = v128.or(v6, v128.and(mask, v128.load(table, 96)));
    v7 = v128.or(v7, v128.and(mask, v128.load(table, 112)));
    v8 = v128.or(v8, v128.and(mask, v128.load(table, 128)));
    table += POINT;
  }
  v128.store(CHOSEN, v0);
  v128.store(CHOSEN, v1, 16);
  v128.store(CHOSEN, v2, 32);
  v128.store(CHOSEN, v3, 48);
  v128.store(CHOSEN, v4, 64);
  v128.store(CHOSEN, v5, 80);
  v128.store(CHOSEN, v6, 96);
  v128.store(CHOSEN, v7, 112);
  v128.store(CHOSEN, v8, 128);
  // The negative of a cached point has its first two elements exchanged and the last one negated.
  const negative = sign & 1;
  copy(G0, CHOSEN);
  select(CHOSEN, CHOSEN + FE, negative);
  select(CHOSEN + FE, G0, negative);
  negateIf(CHOSEN + 3 * FE, negative);
}

// table = 0 to 8 times the extended point p, cached. Uses COMPLETED, CHOSEN.
function fillWindow(table: usize, p: usize): void {
  identity(CHOSEN);
  toCached(table, CHOSEN);
  toCached(table + POINT, p);
  memory.copy(CHOSEN, p, POINT);
  for (let j: usize = 2; j < 9; ++j) {
    addCached(COMPLETED, CHOSEN, table + POINT);
    toExtended(CHOSEN, COMPLETED);
    toCached(table + j * POINT, CHOSEN);
  }
}

/** In place: points[i] = scalars[i] / 2 points[i]; `stride` is 32, or 0 for one scalar for all. */
export function ristretto_multiply_half(
  points: usize, n: u32, scalars: usize, stride: usize,
): void {
  const r = ACCUMULATOR;
  for (let i: u32 = 0; i < n; ++i) {
    recodeHalf(scalars);
    fillWindow(WINDOW, points);
    identity(r);
    choose(WINDOW, <i32>load<i8>(DIGITS, 63));
    addCached(COMPLETED, r, CHOSEN);
    for (let at: usize = DIGITS + 63; at > DIGITS; ) {
      at -= 1;
      toProjective(r, COMPLETED);
      double(COMPLETED, r);
      toProjective(r, COMPLETED);
      double(COMPLETED, r);
      toProjective(r, COMPLETED);
      double(COMPLETED, r);
      toProjective(r, COMPLETED);
      double(COMPLETED, r);
      toExtended(r, COMPLETED);
      choose(WINDOW, <i32>load<i8>(at));
      addCached(COMPLETED, r, CHOSEN);
    }
    toExtended(points, COMPLETED);
    points += POINT;
    scalars += stride;
  }
}

/**
 * points[0] = the sum of scalars[i] / 2 points[i], the doublings shared (Straus 1964). `tables` has
 * room for n windows, `digits` for n x 64 bytes.
 */
export function ristretto_combine_half(
  points: usize, n: u32, scalars: usize, tables: usize, digits: usize,
): void {
  const r = ACCUMULATOR;
  for (let i: usize = 0; i < n; ++i) {
    recodeHalf(scalars + (i << 5));
    memory.copy(digits + (i << 6), DIGITS, 64);
    fillWindow(tables + i * 9 * POINT, points + i * POINT);
  }
  identity(r);
  for (let at: usize = 64; at > 0; ) {
    at -= 1;
    for (let j = 0; j < 4; ++j) {
      double(COMPLETED, r);
      toExtended(r, COMPLETED);
    }
    for (let i: usize = 0; i < n; ++i) {
      choose(tables + i * 9 * POINT, <i32>load<i8>(digits + (i << 6) + at));
      addCached(COMPLETED, r, CHOSEN);
      toExtended(r, COMPLETED);
    }
  }
  memory.copy(points, r, POINT);
}

/** points[i] = scalars[i] / 2 B, from the table of `ristretto_prepare_base`. */
export function ristretto_multiply_base_half(points: usize, n: u32, scalars: usize): void {
  for (let i: u32 = 0; i < n; ++i) {
    recodeHalf(scalars);
    identity(points);
    let table = BASE_TABLE;
    for (let at: usize = DIGITS; at < DIGITS + 64; ++at) {
      choose(table, <i32>load<i8>(at));
      addCached(COMPLETED, points, CHOSEN);
      toExtended(points, COMPLETED);
      table += 9 * POINT;
    }
    points += POINT;
    scalars += 32;
  }
}

/** BASE_TABLE = for k in 0..63: 0 to 8 times 16^k B, for the extended point B at `base`. */
export function ristretto_prepare_base(base: usize): void {
  for (let k: usize = 0; k < 64; ++k) {
    fillWindow(BASE_TABLE + k * 9 * POINT, base);
    for (let j = 0; j < 4; ++j) {
      double(COMPLETED, base);
      toExtended(base, COMPLETED);
    }
  }
}
