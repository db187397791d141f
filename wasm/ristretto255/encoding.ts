/**
 * ristretto255 (RFC 9496 section 4.3): decoding, encoding, element derivation, equality, and the
 * encoding of doubled points with one inversion for all of them.
 */
import {
  ARENA, BASE_TABLE, CHOSEN, COMPLETED, D, D_MINUS_ONE_SQ, E0, FE, INVSQRT_A_MINUS_D, ONE,
  ONE_MINUS_D_SQ, POINT, SQRT_AD_MINUS_ONE, SQRT_M1, TEMPORARIES,
} from './layout';
import {
  absolute, add, copy, equal, fromBytes, inverseSqrt, invert, isNegative, isZero, negate, negateIf,
  select, sqrtRatio, sub, toBytes, zero,
} from './field';
import { addCached, negateCached, toCached, toExtended } from './group';
import { mul, square } from './product';

const A: usize = E0;
const B: usize = E0 + FE;
const C: usize = E0 + 2 * FE;
const V: usize = E0 + 3 * FE;
const W: usize = E0 + 4 * FE;
const I: usize = E0 + 5 * FE;
const K: usize = E0 + 6 * FE;
const L: usize = E0 + 7 * FE;
// Scratch of the square roots, three elements, and a point.
const ROOT: usize = E0 + 8 * FE;
const Q: usize = E0 + 12 * FE;

/** A constant of layout.ts from its 32 bytes. */
export function ristretto_constant(slot: usize, bytes: usize): void {
  fromBytes(slot, bytes);
}

/** Zeroes every temporary of the kernel: the tables of secret multiples among them. */
export function ristretto_wipe(): void {
  memory.fill(TEMPORARIES, 0, BASE_TABLE - TEMPORARIES);
}

/** The first byte that belongs to the binding. */
export function ristretto_arena(): usize {
  return ARENA;
}

/** DECODE (section 4.3.1): points, and a byte of 1 for each valid encoding; the number of others. */
export function ristretto_decode(bytes: usize, n: u32, points: usize, valid: usize): u32 {
  let bad: u32 = 0;
  for (let i: u32 = 0; i < n; ++i) {
    const x = points;
    const y = points + FE;
    fromBytes(W, bytes); // s
    toBytes(K, W);
    // Steps 1 and 2: canonical, which also asks bit 255 to be zero, and even.
    let ok = isZero64(
      (load<u64>(K) ^ load<u64>(bytes)) | (load<u64>(K, 8) ^ load<u64>(bytes, 8)) |
      (load<u64>(K, 16) ^ load<u64>(bytes, 16)) | (load<u64>(K, 24) ^ load<u64>(bytes, 24)));
    ok &= (<i32>load<u8>(bytes) & 1) ^ 1;
    square(K, W);
    sub(A, ONE, K); // u1
    add(B, ONE, K); // u2
    square(C, B); // u2^2
    square(V, A);
    mul(V, V, D);
    negate(V, V);
    sub(V, V, C); // v = -(d u1^2) - u2^2
    mul(K, V, C);
    ok &= inverseSqrt(I, K, ROOT);
    mul(x, I, B); // den_x
    mul(K, I, x);
    mul(K, K, V); // den_y
    add(W, W, W);
    mul(x, x, W);
    absolute(x);
    mul(y, A, K);
    copy(points + 2 * FE, ONE);
    mul(points + 3 * FE, x, y);
    ok &= isNegative(points + 3 * FE) ^ 1;
    ok &= isZero(y) ^ 1;
    store<u8>(valid, <u8>ok);
    bad += <u32>(ok ^ 1);
    bytes += 32;
    points += POINT;
    valid += 1;
  }
  return bad;
}

function isZero64(bits: u64): i32 {
  return <i32>(((bits | (0 - bits)) >> 63) ^ 1);
}

/** ENCODE (section 4.3.2). */
export function ristretto_encode(points: usize, n: u32, bytes: usize): void {
  for (let i: u32 = 0; i < n; ++i) {
    const x = points;
    const y = points + FE;
    const z = points + 2 * FE;
    add(A, z, y);
    sub(B, z, y);
    mul(A, A, B); // u1
    mul(B, x, y); // u2
    square(K, B);
    mul(K, K, A);
    inverseSqrt(I, K, ROOT);
    mul(A, I, A); // den1
    mul(B, I, B); // den2
    mul(C, A, B);
    mul(C, C, points + 3 * FE); // z_inv
    mul(K, points + 3 * FE, C);
    const rotate = isNegative(K);
    copy(V, x);
    copy(W, y);
    mul(K, y, SQRT_M1);
    select(V, K, rotate); // x
    mul(K, x, SQRT_M1);
    select(W, K, rotate); // y
    mul(K, A, INVSQRT_A_MINUS_D);
    select(B, K, rotate); // den_inv
    mul(K, V, C);
    negateIf(W, isNegative(K));
    sub(K, z, W);
    mul(K, K, B);
    absolute(K);
    toBytes(bytes, K);
    points += POINT;
    bytes += 32;
  }
}

/**
 * The encodings of 2 points[i]; overwrites the points. With 2P = (e/f, g/h) every inverse that
 * ENCODE wants is a factor of 1/(e f g h), so that the inversions share one (Montgomery 1987).
 * `prefixes` is scratch for n elements. An identity has e g = 0; 1 takes its place in the product.
 */
export function ristretto_encode_doubled(
  points: usize, n: u32, bytes: usize, prefixes: usize,
): void {
  copy(L, ONE);
  let p = points;
  for (let i: u32 = 0; i < n; ++i) {
    square(A, p + 2 * FE);
    square(B, p + 3 * FE);
    mul(B, B, D);
    square(C, p);
    square(V, p + FE);
    add(K, p + FE, p + FE);
    mul(p, p, K); // e = 2XY
    add(p + FE, A, B); // f = ZZ + dTT: 2u
    add(p + 2 * FE, V, C); // g = YY + XX: 2u
    sub(p + 3 * FE, A, B); // h = ZZ - dTT: 2u
    copy(prefixes + <usize>i * FE, L);
    denominator(p);
    mul(L, L, W);
    p += POINT;
  }
  invert(L, L);
  for (let i: u32 = n; i > 0; --i) {
    p -= POINT;
    const none = denominator(p);
    mul(I, L, prefixes + <usize>(i - 1) * FE);
    mul(L, L, W);
    zero(W);
    select(I, W, none);
    encodeFrom(p, bytes + <usize>(i - 1) * 32);
  }
}

// A = e g, B = f h, W = A B or 1, for [ e | f | g | h ] at p; 1 where A B = 0.
function denominator(p: usize): i32 {
  mul(A, p, p + 2 * FE);
  mul(B, p + FE, p + 3 * FE);
  mul(W, A, B);
  const none = isZero(W);
  select(W, ONE, none);
  return none;
}

// The encoding of (e/f, g/h), with A = e g, B = f h and I = 1/(A B), or 0.
function encodeFrom(e: usize, bytes: usize): void {
  const f = e + FE;
  const g = e + 2 * FE;
  const h = e + 3 * FE;
  mul(C, A, I); // 1/Z
  mul(V, B, I); // 1/T
  mul(K, A, C);
  const rotate = isNegative(K); // T/Z
  negate(K, e);
  mul(f, f, SQRT_M1);
  select(e, g, rotate);
  select(g, K, rotate);
  select(h, f, rotate);
  copy(B, INVSQRT_A_MINUS_D);
  select(B, SQRT_M1, rotate);
  mul(K, h, e);
  mul(K, K, C);
  negateIf(g, isNegative(K));
  mul(V, V, g);
  mul(V, V, B);
  sub(K, h, g);
  mul(K, K, V);
  absolute(K);
  toBytes(bytes, K);
}

// MAP (section 4.3.4): the extended point r of 32 bytes.
function map(r: usize, bytes: usize): void {
  fromBytes(W, bytes);
  square(A, W);
  mul(A, A, SQRT_M1); // r
  add(B, A, ONE);
  mul(B, B, ONE_MINUS_D_SQ); // u
  mul(C, A, D);
  add(V, C, ONE);
  negate(V, V); // -1 - r D
  add(C, A, D);
  mul(V, V, C); // v
  const wasSquare = sqrtRatio(I, B, V, ROOT); // s
  mul(K, I, W);
  absolute(K);
  negate(K, K); // s' = -|s t|
  select(I, K, wasSquare ^ 1);
  sub(B, A, ONE); // r - 1
  negate(K, ONE);
  select(A, K, wasSquare); // c = -1 or r
  mul(A, A, B);
  mul(A, A, D_MINUS_ONE_SQ);
  sub(A, A, V); // N
  mul(B, I, V);
  add(B, B, B); // w0 = 2 s v
  mul(A, A, SQRT_AD_MINUS_ONE); // w1
  square(K, I);
  sub(C, ONE, K); // w2
  add(V, ONE, K); // w3
  mul(r, B, V);
  mul(r + FE, C, A);
  mul(r + 2 * FE, A, V);
  mul(r + 3 * FE, B, C);
}

/** Element derivation (section 4.3.4): the sum of the maps of both halves of 64 bytes. */
export function ristretto_derive(bytes: usize, n: u32, points: usize): void {
  for (let i: u32 = 0; i < n; ++i) {
    map(points, bytes);
    map(CHOSEN, bytes + 32);
    toCached(Q, CHOSEN);
    addCached(COMPLETED, points, Q);
    toExtended(points, COMPLETED);
    points += POINT;
    bytes += 64;
  }
}

/** In place: points[i] = points[i] + others[i], or minus it where `minus` (public) is 1. */
export function ristretto_add(points: usize, others: usize, n: u32, minus: u32): void {
  for (let i: u32 = 0; i < n; ++i) {
    toCached(Q, others);
    if (minus != 0) negateCached(Q);
    addCached(COMPLETED, points, Q);
    toExtended(points, COMPLETED);
    points += POINT;
    others += POINT;
  }
}

/** Equality (section 4.3.3) of points[i] and others[i], a byte of 0 or 1 each. */
export function ristretto_equal(points: usize, others: usize, n: u32, bytes: usize): void {
  for (let i: u32 = 0; i < n; ++i) {
    mul(A, points, others + FE);
    mul(B, points + FE, others);
    mul(C, points + FE, others + FE);
    mul(V, points, others);
    store<u8>(bytes, <u8>(equal(A, B) | equal(C, V)));
    points += POINT;
    others += POINT;
    bytes += 1;
  }
}
