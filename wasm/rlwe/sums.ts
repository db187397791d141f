/** Sums of residues with residues, small signed numbers and words of 64 bits. */
import { below, shoup } from '../shared/lanes';

/** c[j] = a[j] + b[j] mod q for residues in [0, q). c may be a or b. */
export function rlwe_add(a: usize, b: usize, c: usize, n: u32, q: u32): void {
  const vq = i32x4.splat(q);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    v128.store(c + i, below(i32x4.add(v128.load(a + i), v128.load(b + i)), vq));
  }
}

/** c[j] = a[j] - b[j] mod q for residues in [0, q). c may be a or b. */
export function rlwe_subtract(a: usize, b: usize, c: usize, n: u32, q: u32): void {
  const vq = i32x4.splat(q);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const difference = i32x4.sub(i32x4.add(v128.load(a + i), vq), v128.load(b + i));
    v128.store(c + i, below(difference, vq));
  }
}

/** x[j] = x[j] + small[j] mod q for signed |small[j]| < q. */
export function rlwe_add_small(x: usize, small: usize, n: u32, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const sum = i32x4.add(i32x4.add(v128.load(x + i), vq), v128.load(small + i));
    v128.store(x + i, below(below(sum, v2q), vq));
  }
}

/**
 * x[j] = x[j] + small[j] + base + low[j] wl mod q: the last step of a ciphertext in one pass, for signed
 * |small[j]| < q and otherwise as below. Sums stay below 6q < 2^31.
 */
export function rlwe_add_small_words(
  x: usize, small: usize, low: usize, n: u32, q: u32, base: u32, wl: u32, cl: u32,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  const vstart = i32x4.splat(base + q);
  const vwl = i32x4.splat(wl);
  const vcl = i32x4.splat(cl);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const start = i32x4.add(i32x4.add(v128.load(x + i), vstart), v128.load(small + i));
    const sum = i32x4.add(start, shoup(v128.load(low + i), vwl, vcl, vq));
    v128.store(x + i, below(below(below(sum, v4q), v2q), vq));
  }
}

/**
 * x[j] = x[j] + base + low[j] wl + high[j] wh mod q, for any 32-bit low[j], high[j] and residues wl, wh
 * with their Shoup companions cl, ch. Sums stay below 6q < 2^31. wh = 0 leaves `high` unread.
 */
export function rlwe_add_words(
  x: usize, low: usize, high: usize, n: u32, q: u32,
  base: u32, wl: u32, cl: u32, wh: u32, ch: u32,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const v4q = i32x4.splat(4 * q);
  const vbase = i32x4.splat(base);
  const vwl = i32x4.splat(wl);
  const vcl = i32x4.splat(cl);
  if (wh == 0) {
    for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
      const start = i32x4.add(v128.load(x + i), vbase);
      const sum = i32x4.add(start, shoup(v128.load(low + i), vwl, vcl, vq));
      v128.store(x + i, below(below(sum, v2q), vq));
    }
    return;
  }
  const vwh = i32x4.splat(wh);
  const vch = i32x4.splat(ch);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const start = i32x4.add(v128.load(x + i), vbase);
    const words = i32x4.add(
      shoup(v128.load(low + i), vwl, vcl, vq), shoup(v128.load(high + i), vwh, vch, vq));
    v128.store(x + i, below(below(below(i32x4.add(start, words), v4q), v2q), vq));
  }
}
