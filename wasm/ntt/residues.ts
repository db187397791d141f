/** Products and scalings of residues, element by element. */
import { below, shoup } from '../shared/lanes';

/** In place: x[i] = x[i] w mod q in [0, q), for every x[i] < 2^32 and w < q with its companion. */
export function ntt_scale(x: usize, n: u32, q: u32, w: u32, companion: u32): void {
  const vq = i32x4.splat(q);
  const vw = i32x4.splat(w);
  const vc = i32x4.splat(companion);
  for (const end = x + (<usize>n << 2); x < end; x += 16) {
    v128.store(x, below(shoup(v128.load(x), vw, vc, vq), vq));
  }
}

// a b - quotient q in [0, 3q) (Barrett 1986). With k the bits of q, shift = k - 1 and
// mu = floor(2^(31 + k) / q) < 2^32: t = floor(a b / 2^(k - 1)) < 2^(k + 1) <= 2^29, and
// a b / q >= t mu / 2^32 > a b / q - 2^(k - 1) / q - t / 2^32 > a b / q - 9/8, so that the floor
// of the middle leaves a rest in [0, 17/8 q).
// @ts-ignore: decorator
@inline
function barrett(a: v128, b: v128, vq: v128, vmu: v128, shift: i32): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  const t = v128.shuffle<u32>(
    i64x2.shr_u(low, shift), i64x2.shr_u(high, shift), 0, 2, 4, 6);
  const even = i64x2.extmul_low_i32x4_u(t, vmu);
  const odd = i64x2.extmul_high_i32x4_u(t, vmu);
  const quotient = v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
  const product = v128.shuffle<u32>(low, high, 0, 2, 4, 6);
  return i32x4.sub(product, i32x4.mul(quotient, vq));
}

/** c[i] = a[i] b[i] mod q, for residues in [0, q). c may be a or b. */
export function ntt_multiply(
  a: usize, b: usize, c: usize, n: u32, q: u32, mu: u32, shift: u32,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const vmu = i32x4.splat(mu);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const r = barrett(v128.load(a + i), v128.load(b + i), vq, vmu, shift);
    v128.store(c + i, below(below(r, v2q), vq));
  }
}

/** c[i] = c[i] + a[i] b[i] mod q, for residues in [0, q). */
export function ntt_multiply_add(
  a: usize, b: usize, c: usize, n: u32, q: u32, mu: u32, shift: u32,
): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const vmu = i32x4.splat(mu);
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 16) {
    const r = barrett(v128.load(a + i), v128.load(b + i), vq, vmu, shift);
    v128.store(c + i, below(below(i32x4.add(v128.load(c + i), r), v2q), vq));
  }
}
