/**
 * GF(2^255 - 19) besides products: sums, bytes, comparisons, selections, powers, square roots.
 * Limbs and the unit u of their ranges as product.ts has them. A truth value is 0 or 1 and only
 * ever becomes a mask: nothing here branches on a field element.
 */
import { FE, ONE, SQRT_M1, F0, F1, F2, F3, F4 } from './layout';
import { carry, mul, square } from './product';

// Nine limbs as two vectors and a word.
/** r = f + g, not carried. */
export function add(r: usize, f: usize, g: usize): void {
  v128.store(r, i32x4.add(v128.load(f), v128.load(g)));
  v128.store(r, i32x4.add(v128.load(f, 16), v128.load(g, 16)), 16);
  store<i32>(r, load<i32>(f, 32) + load<i32>(g, 32), 32);
}

/** r = f - g, not carried. */
export function sub(r: usize, f: usize, g: usize): void {
  v128.store(r, i32x4.sub(v128.load(f), v128.load(g)));
  v128.store(r, i32x4.sub(v128.load(f, 16), v128.load(g, 16)), 16);
  store<i32>(r, load<i32>(f, 32) - load<i32>(g, 32), 32);
}

export function negate(r: usize, f: usize): void {
  v128.store(r, i32x4.neg(v128.load(f)));
  v128.store(r, i32x4.neg(v128.load(f, 16)), 16);
  store<i32>(r, -load<i32>(f, 32), 32);
}

export function copy(r: usize, f: usize): void {
  v128.store(r, v128.load(f));
  v128.store(r, v128.load(f, 16), 16);
  store<i32>(r, load<i32>(f, 32), 32);
}

export function zero(r: usize): void {
  v128.store(r, i32x4.splat(0));
  v128.store(r, i32x4.splat(0), 16);
  store<i32>(r, 0, 32);
}

/** r = g where bit is 1, unchanged where it is 0. */
export function select(r: usize, g: usize, bit: i32): void {
  const mask = i32x4.splat(-bit);
  v128.store(r, v128.bitselect(v128.load(g), v128.load(r), mask));
  v128.store(r, v128.bitselect(v128.load(g, 16), v128.load(r, 16), mask), 16);
  const word = load<i32>(r, 32);
  store<i32>(r, word ^ (-bit & (word ^ load<i32>(g, 32))), 32);
}

/** r = -r where bit is 1: x -> (x ^ -1) + 1. */
export function negateIf(r: usize, bit: i32): void {
  const mask = i32x4.splat(-bit);
  v128.store(r, i32x4.sub(v128.xor(v128.load(r), mask), mask));
  v128.store(r, i32x4.sub(v128.xor(v128.load(r, 16), mask), mask), 16);
  store<i32>(r, (load<i32>(r, 32) ^ -bit) + bit, 32);
}

/** r = |r|: the one of r and -r with an even canonical form (RFC 9496 section 3.1). */
export function absolute(r: usize): void {
  negateIf(r, isNegative(r));
}

/** The low 255 bits of 32 little-endian bytes; bit 255 is dropped. */
export function fromBytes(r: usize, bytes: usize): void {
  const w0 = load<u64>(bytes);
  const w1 = load<u64>(bytes, 8);
  const w2 = load<u64>(bytes, 16);
  const w3 = load<u64>(bytes, 24) & 0x7fffffffffffffff;
  store<i32>(r, <i32>(w0 & 0x1fffffff));
  store<i32>(r, <i32>((w0 >> 29) & 0x1fffffff), 4);
  store<i32>(r, <i32>(((w0 >> 58) | (w1 << 6)) & 0x1fffffff), 8);
  store<i32>(r, <i32>((w1 >> 23) & 0x1fffffff), 12);
  store<i32>(r, <i32>(((w1 >> 52) | (w2 << 12)) & 0x1fffffff), 16);
  store<i32>(r, <i32>((w2 >> 17) & 0x1fffffff), 20);
  store<i32>(r, <i32>(((w2 >> 46) | (w3 << 18)) & 0x1fffffff), 24);
  store<i32>(r, <i32>((w3 >> 11) & 0x1fffffff), 28);
  store<i32>(r, <i32>(w3 >> 40), 32);
  carry(r, r);
}

/** The canonical 32 bytes of f, any range that fits 32-bit limbs. Uses F0. */
export function toBytes(bytes: usize, f: usize): void {
  carry(F0, f);
  // A settled value v is in (-p, p): |limb 8| <= 2^22 + 1. floor(v / p) is -1, 0: the carry out of
  // v + 19 floor((v + 19) / 2^255) is the same, found by a floor chain with the estimate q.
  let q = (19 * load<i32>(F0, 32) + 0x400000) >> 23;
  for (let i: usize = 0; i < 32; i += 4) q = (load<i32>(F0 + i) + q) >> 29;
  q = (load<i32>(F0, 32) + q) >> 23;
  let c = 19 * q;
  for (let i: usize = 0; i < 32; i += 4) {
    c += load<i32>(F0 + i);
    store<i32>(F0 + i, c & 0x1fffffff);
    c >>= 29;
  }
  const h8 = <u64>((load<i32>(F0, 32) + c) & 0x7fffff);
  const h2 = <u64>load<u32>(F0, 8);
  const h4 = <u64>load<u32>(F0, 16);
  const h6 = <u64>load<u32>(F0, 24);
  store<u64>(bytes, <u64>load<u32>(F0) | (<u64>load<u32>(F0, 4) << 29) | (h2 << 58));
  store<u64>(bytes, (h2 >> 6) | (<u64>load<u32>(F0, 12) << 23) | (h4 << 52), 8);
  store<u64>(bytes, (h4 >> 12) | (<u64>load<u32>(F0, 20) << 17) | (h6 << 46), 16);
  store<u64>(bytes, (h6 >> 18) | (<u64>load<u32>(F0, 28) << 11) | (h8 << 40), 24);
}

/** 1 where the canonical form is odd. Uses F0, F1. */
export function isNegative(f: usize): i32 {
  toBytes(F1, f);
  return <i32>load<u8>(F1) & 1;
}

/** 1 where f = 0 mod p. Uses F0, F1. */
export function isZero(f: usize): i32 {
  toBytes(F1, f);
  const bits = load<u64>(F1) | load<u64>(F1, 8) | load<u64>(F1, 16) | load<u64>(F1, 24);
  return <i32>(((bits | (0 - bits)) >> 63) ^ 1);
}

/** 1 where f = g mod p. Uses F0, F1, F2. */
export function equal(f: usize, g: usize): i32 {
  sub(F2, f, g);
  return isZero(F2);
}

function squareTimes(r: usize, f: usize, n: i32): void {
  square(r, f);
  for (let i = 1; i < n; ++i) square(r, r);
}

// F4 = f^(2^250 - 1), F3 = f^11; the chain of Bernstein's Curve25519 (PKC 2006). Uses F2, F3, F4.
function powerChain(f: usize): void {
  square(F2, f); // 2
  squareTimes(F4, F2, 2); // 8
  mul(F4, F4, f); // 9
  mul(F3, F4, F2); // 11
  square(F2, F3); // 22
  mul(F2, F2, F4); // 2^5 - 1
  squareTimes(F4, F2, 5);
  mul(F2, F4, F2); // 2^10 - 1
  squareTimes(F4, F2, 10);
  mul(F4, F4, F2); // 2^20 - 1
  squareTimes(F4 + FE, F4, 20);
  mul(F4, F4 + FE, F4); // 2^40 - 1
  squareTimes(F4, F4, 10);
  mul(F2, F4, F2); // 2^50 - 1
  squareTimes(F4, F2, 50);
  mul(F4, F4, F2); // 2^100 - 1
  squareTimes(F4 + FE, F4, 100);
  mul(F4, F4 + FE, F4); // 2^200 - 1
  squareTimes(F4, F4, 50);
  mul(F4, F4, F2); // 2^250 - 1
}

/** r = 1/f, and 0 for 0: f^(p - 2) = f^(2^255 - 21). r may be f. Uses F2 to F4. */
export function invert(r: usize, f: usize): void {
  powerChain(f);
  squareTimes(F4, F4, 5);
  mul(r, F4, F3);
}

// r = f^((p - 5) / 8) = f^(2^252 - 3); f is not one of F2 to F4.
function powerP58(r: usize, f: usize): void {
  powerChain(f);
  squareTimes(F4, F4, 2);
  mul(r, F4, f);
}

/**
 * SQRT_RATIO_M1 (RFC 9496 section 4.2): r = |sqrt(a/b)| and 1 where a/b is a square, else
 * r = |sqrt(i a/b)| and 0. r is none of a, b; t is scratch for three elements. Uses F0 to F4.
 */
export function sqrtRatio(r: usize, a: usize, b: usize, t: usize): i32 {
  const b3 = t;
  const base = t + FE;
  const i = t + 2 * FE;
  square(b3, b);
  mul(b3, b3, b);
  square(base, b3);
  mul(base, base, b);
  mul(base, base, a); // a b^7
  powerP58(r, base);
  mul(r, r, b3);
  mul(r, r, a); // a b^3 (a b^7)^((p - 5) / 8)
  square(base, r);
  mul(base, base, b); // check = b r^2
  negate(b3, a);
  const correct = equal(base, a);
  const flipped = equal(base, b3);
  mul(i, b3, SQRT_M1);
  const flippedI = equal(base, i);
  mul(i, r, SQRT_M1);
  select(r, i, flipped | flippedI);
  absolute(r);
  return correct | flipped;
}

/** r = |1/sqrt(b)| and whether b is a square; as `sqrtRatio` with a = 1. */
export function inverseSqrt(r: usize, b: usize, t: usize): i32 {
  return sqrtRatio(r, ONE, b, t);
}
