/**
 * Integers modulo the group order l, for secrets: nine limbs of 29 bits, Montgomery form with
 * R = 2^261. The same sequence of operations for all values; the exponent l - 2 is public.
 */
import { FE, ORDER, R2, R2_HIGH, S0 } from './layout';

const MASK: u64 = 0x1fffffff;
/** -1/l mod 2^29 */
const N0: u64 = 0x12547e1b;
// Ten words of 64 bits, then scalars of nine limbs.
const T: usize = S0;
const A: usize = S0 + 96;
const B: usize = A + FE;
const UNIT: usize = B + FE;
const POWER: usize = UNIT + FE;

function fromBytes(r: usize, bytes: usize): void {
  const w0 = load<u64>(bytes);
  const w1 = load<u64>(bytes, 8);
  const w2 = load<u64>(bytes, 16);
  const w3 = load<u64>(bytes, 24);
  store<u32>(r, <u32>(w0 & MASK));
  store<u32>(r, <u32>((w0 >> 29) & MASK), 4);
  store<u32>(r, <u32>(((w0 >> 58) | (w1 << 6)) & MASK), 8);
  store<u32>(r, <u32>((w1 >> 23) & MASK), 12);
  store<u32>(r, <u32>(((w1 >> 52) | (w2 << 12)) & MASK), 16);
  store<u32>(r, <u32>((w2 >> 17) & MASK), 20);
  store<u32>(r, <u32>(((w2 >> 46) | (w3 << 18)) & MASK), 24);
  store<u32>(r, <u32>((w3 >> 11) & MASK), 28);
  store<u32>(r, <u32>(w3 >> 40), 32);
}

// r < l, limbs below 2^29.
function toBytes(bytes: usize, r: usize): void {
  const h2 = <u64>load<u32>(r, 8);
  const h4 = <u64>load<u32>(r, 16);
  const h6 = <u64>load<u32>(r, 24);
  store<u64>(bytes, <u64>load<u32>(r) | (<u64>load<u32>(r, 4) << 29) | (h2 << 58));
  store<u64>(bytes, (h2 >> 6) | (<u64>load<u32>(r, 12) << 23) | (h4 << 52), 8);
  store<u64>(bytes, (h4 >> 12) | (<u64>load<u32>(r, 20) << 17) | (h6 << 46), 16);
  store<u64>(bytes, (h6 >> 18) | (<u64>load<u32>(r, 28) << 11) | (<u64>load<u32>(r, 32) << 40), 24);
}

// r = f - l where that is not negative, else f; for f < 2 l with limbs below 2^29. r may be f.
// 1 where f < l.
function subtractOrder(r: usize, f: usize): u32 {
  let borrow: i32 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    const d = load<i32>(f + i) - load<i32>(ORDER + i) + borrow;
    store<u32>(T + i, <u32>d & <u32>MASK);
    borrow = d >> 31;
  }
  for (let i: usize = 0; i < 36; i += 4) {
    const d = load<u32>(T + i);
    store<u32>(r + i, d ^ (<u32>borrow & (d ^ load<u32>(f + i))));
  }
  return <u32>(borrow & 1);
}

// r = a b / R mod l in [0, l), for a < 2^256 and b < l. A column of T takes eighteen products below
// 2^58 and carries, so that it stays below 2^63. r may be a or b.
function montgomery(r: usize, a: usize, b: usize): void {
  memory.fill(T, 0, 80);
  for (let i: usize = 0; i < 36; i += 4) {
    const ai = <u64>load<u32>(a + i);
    const m = (((load<u64>(T) + ai * <u64>load<u32>(b)) & MASK) * N0) & MASK;
    let low: u64 = 0;
    for (let j: usize = 0; j < 36; j += 4) {
      const t = load<u64>(T + 2 * j) + ai * <u64>load<u32>(b + j) + m * <u64>load<u32>(ORDER + j);
      // One column down; what is left of column 0 goes into the new one.
      if (j == 0) low = t >> 29;
      else {
        store<u64>(T + 2 * j - 8, t + low);
        low = 0;
      }
    }
    store<u64>(T, 0, 64);
  }
  let c: u64 = 0;
  for (let j: usize = 0; j < 36; j += 4) {
    c += load<u64>(T + 2 * j);
    store<u32>(r + j, <u32>(c & MASK));
    c >>= 29;
  }
  subtractOrder(r, r);
}

function addMod(r: usize, a: usize, b: usize): void {
  let c: u32 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    c += load<u32>(a + i) + load<u32>(b + i);
    store<u32>(r + i, c & <u32>MASK);
    c >>= 29;
  }
  subtractOrder(r, r);
}

function one(r: usize): void {
  memory.fill(r, 0, FE);
  store<u32>(r, 1);
}

/** A constant of layout.ts from its 32 bytes. */
export function scalar_constant(slot: usize, bytes: usize): void {
  fromBytes(slot, bytes);
}

/** How many of n scalars are not below l in the lower half of the word, and how many are zero in the upper. */
export function scalar_faults(bytes: usize, n: u32): u32 {
  let faults: u32 = 0;
  for (let i: u32 = 0; i < n; ++i) {
    fromBytes(A, bytes);
    faults += 1 - subtractOrder(B, A);
    const bits = load<u64>(bytes) | load<u64>(bytes, 8) | load<u64>(bytes, 16) | load<u64>(bytes, 24);
    faults += <u32>(((bits | (0 - bits)) >> 63) ^ 1) << 16;
    bytes += 32;
  }
  return faults;
}

/** out[i] = the 64 little-endian bytes at wide[i], mod l. */
export function scalar_reduce(wide: usize, n: u32, out: usize): void {
  one(UNIT);
  for (let i: u32 = 0; i < n; ++i) {
    fromBytes(A, wide);
    montgomery(A, A, R2);
    fromBytes(B, wide + 32);
    montgomery(B, B, R2_HIGH);
    addMod(A, A, B);
    montgomery(A, A, UNIT);
    toBytes(out, A);
    wide += 64;
    out += 32;
  }
}

/** out = a b mod l. */
export function scalar_multiply(a: usize, b: usize, out: usize): void {
  fromBytes(A, a);
  fromBytes(B, b);
  montgomery(A, A, R2);
  montgomery(A, A, B);
  toBytes(out, A);
}

/** out = a + b mod l, or a - b where `minus` (public) is 1. */
export function scalar_add(a: usize, b: usize, out: usize, minus: u32): void {
  fromBytes(A, a);
  fromBytes(B, b);
  if (minus != 0) {
    // l - b, which is l for 0: subtractOrder below takes what is below 2 l.
    let borrow: i32 = 0;
    for (let i: usize = 0; i < 36; i += 4) {
      const d = load<i32>(ORDER + i) - load<i32>(B + i) + borrow;
      store<u32>(B + i, <u32>d & <u32>MASK);
      borrow = d >> 31;
    }
  }
  addMod(A, A, B);
  toBytes(out, A);
}

// r = a^(l - 2), Montgomery form in and out. r is not a.
function power(r: usize, a: usize): void {
  memory.copy(r, a, FE);
  for (let bit: i32 = 251; bit >= 0; --bit) {
    montgomery(r, r, r);
    // l - 2 differs from l in its lowest limb only, which is odd and at least 2.
    const word = load<u32>(ORDER + (<usize>(bit / 29) << 2)) - (bit < 29 ? 2 : 0);
    if (((word >> (bit % 29)) & 1) != 0) montgomery(r, r, a);
  }
}

/**
 * In place: 1/x[i] mod l for x[i] != 0, with one exponentiation (Montgomery 1987). `prefixes` is
 * scratch for n elements of 36 bytes.
 */
export function scalar_invert(scalars: usize, n: u32, prefixes: usize): void {
  one(UNIT);
  montgomery(A, R2, UNIT); // R, that is 1
  for (let i: u32 = 0; i < n; ++i) {
    memory.copy(prefixes + <usize>i * FE, A, FE);
    fromBytes(B, scalars + (<usize>i << 5));
    montgomery(B, B, R2);
    montgomery(A, A, B);
  }
  power(POWER, A);
  for (let i: u32 = n; i > 0; --i) {
    const at = scalars + (<usize>(i - 1) << 5);
    montgomery(A, POWER, prefixes + <usize>(i - 1) * FE);
    montgomery(A, A, UNIT);
    fromBytes(B, at);
    montgomery(B, B, R2);
    montgomery(POWER, POWER, B);
    toBytes(at, A);
  }
}
