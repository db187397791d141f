/**
 * The two steps of an expand-convolute code (Raghuraman, Rindal, Tanguy, ePrint 2023/882), transposed,
 * over GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), bit i of a little-endian 16-byte word
 * being the coefficient of x^i. The convolution multiplies its running value by x at every step.
 *
 * Tables   four values in a row have a table of their 16 sums, so that four random taps cost one load;
 *          a ring of eight tables covers all that a step looks back to.
 * Timing   field elements decide neither branches nor addresses; coefficients and indices are public.
 */

// x times a: each 64-bit half doubles, the low half's carry enters the high half, the high half's
// carry is x^128 = x^7 + x^2 + x + 1 = 0x87.
// @ts-ignore: decorator
@inline
function timesX(a: v128): v128 {
  const signs = i32x4.shr_s(a, 31);
  const carries = v128.shuffle<u32>(signs, signs, 3, 3, 1, 1);
  return v128.xor(i64x2.shl(a, 1), v128.and(carries, i32x4(0x87, 0, 1, 0)));
}

// The entry of a table for nibble t of the taps.
// @ts-ignore: decorator
@inline
function entry(tables: usize, group: u32, t: u32, taps: u32): v128 {
  const table = tables + (<usize>((group - t) & 7) << 8);
  return v128.load(table + <usize>(t == 0 ? (taps << 4) & 240 : (taps >> (4 * t - 4)) & 240));
}

// A step of group `group`; bit 4 t + 3 - k of `taps` adds value k of group - t.
// @ts-ignore: decorator
@inline
function step(v: usize, last: v128, tables: usize, group: u32, taps: u32): v128 {
  const far = v128.xor(
    v128.xor(entry(tables, group, 7, taps), entry(tables, group, 6, taps)),
    v128.xor(entry(tables, group, 5, taps), entry(tables, group, 4, taps)));
  const near = v128.xor(
    v128.xor(entry(tables, group, 3, taps), entry(tables, group, 2, taps)),
    v128.xor(entry(tables, group, 1, taps), entry(tables, group, 0, taps)));
  const next = v128.xor(v128.xor(v128.load(v), far), v128.xor(near, timesX(last)));
  v128.store(v, next);
  return next;
}

// Enters a value as the sum of itself and entry `from`.
// @ts-ignore: decorator
@inline
function sum(table: usize, value: v128, from: usize, to: usize): void {
  v128.store(table + (to << 4), v128.xor(value, v128.load(table + (from << 4))));
}

/**
 * In place, in order: v[i] = v[i] + x v[i-1] + the sum of v[i-2-j] over the bits j < 24 of taps[i], n a
 * multiple of 4. `tables`, 2 KiB, and the value before `v` are zeros at the start of a vector and else as
 * the call before left them, whose n was a multiple of 32.
 */
export function ec_convolve(v: usize, n: u32, taps: usize, tables: usize): void {
  let last = v128.load(v - 16);
  for (let group: u32 = 0; group < n >> 2; group++) {
    const table = tables + (<usize>(group & 7) << 8);
    // Tap j of step 4 group + r is r - 2 - j places behind the group's start.
    last = step(v, last, tables, group, (load<u32>(taps) & 0xffffff) << 5);
    v128.store(table + 128, last);
    v += 16;
    last = step(v, last, tables, group, (load<u32>(taps, 4) & 0xffffff) << 4);
    v128.store(table + 64, last);
    sum(table, last, 8, 12);
    v += 16;
    last = step(v, last, tables, group, (load<u32>(taps, 8) & 0xffffff) << 3);
    v128.store(table + 32, last);
    sum(table, last, 4, 6);
    sum(table, last, 8, 10);
    sum(table, last, 12, 14);
    v += 16;
    last = step(v, last, tables, group, (load<u32>(taps, 12) & 0xffffff) << 2);
    v128.store(table + 16, last);
    sum(table, last, 2, 3);
    sum(table, last, 4, 5);
    sum(table, last, 6, 7);
    sum(table, last, 8, 9);
    sum(table, last, 10, 11);
    sum(table, last, 12, 13);
    sum(table, last, 14, 15);
    v += 16;
    taps += 16;
  }
}

// What the low half of `word` names.
// @ts-ignore: decorator
@inline
function named(v: usize, word: u64, size: u64): v128 {
  return v128.load(v + ((<usize>(((word & 0xffffffff) * size) >> 32)) << 4));
}

/**
 * sums[i] += v[floor(words[i] length / 2^32)] for i < n, words uniform 32-bit integers, n a multiple of 4.
 */
export function ec_expand(sums: usize, n: u32, v: usize, length: u32, words: usize): void {
  const size = <u64>length;
  for (let i: u32 = 0; i < n; i += 4) {
    const a = load<u64>(words);
    const b = load<u64>(words, 8);
    v128.store(sums, v128.xor(v128.load(sums), named(v, a, size)));
    v128.store(sums, v128.xor(v128.load(sums, 16), named(v, a >> 32, size)), 16);
    v128.store(sums, v128.xor(v128.load(sums, 32), named(v, b, size)), 32);
    v128.store(sums, v128.xor(v128.load(sums, 48), named(v, b >> 32, size)), 48);
    sums += 64;
    words += 16;
  }
}
