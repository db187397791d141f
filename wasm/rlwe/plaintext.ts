/**
 * The parts of encoding and decoding that are not residue sums (src/he/ring/plaintext.ts says why they
 * are these). Slots are words of 64 bits below t.
 */
import { below, shoup } from '../shared/lanes';

/** low[j] + 2^32 high[j] = (qt m[j] + t/2) mod t for t = 2^bits, bits 1 to 63, qt = q mod t. */
export function rlwe_encode(
  slots: usize, low: usize, high: usize, n: u32, qt: u64, bits: u32,
): void {
  const mask = (<u64>1 << bits) - 1;
  const half = <u64>1 << (bits - 1);
  for (const end = slots + (<usize>n << 3); slots < end; slots += 8) {
    const rest = (qt * load<u64>(slots) + half) & mask;
    store<u32>(low, <u32>rest);
    store<u32>(high, <u32>(rest >> 32));
    low += 4;
    high += 4;
  }
}

/** words[j] = (qt words[j] + t/2) mod t for t = 2^bits, bits 1 to 32, in words of 32 bits. */
export function rlwe_encode_narrow(words: usize, n: u32, qt: u32, bits: u32): void {
  const vq = i32x4.splat(qt);
  const vhalf = i32x4.splat(<u32>1 << (bits - 1));
  const vmask = i32x4.splat(<u32>0xffffffff >> (32 - bits));
  for (const end = words + (<usize>n << 2); words < end; words += 16) {
    const rest = i32x4.add(i32x4.mul(v128.load(words), vq), vhalf);
    v128.store(words, v128.and(rest, vmask));
  }
}

/**
 * The same for any t < 2^48: (qt m[j] + floor(t/2)) mod t for m[j] < t, `ratio` = qt / t rounded. The
 * quotient m ratio has an absolute error below 2^48 2^-52 and its rounding one of 1/2: the rest is in
 * [-t, 2t) and two masked corrections end it. Adding 2^52 rounds without a conversion that branches.
 */
export function rlwe_encode_prime(
  slots: usize, low: usize, high: usize, n: u32, qt: u64, t: u64, ratio: f64,
): void {
  const signed = <i64>t;
  const half = <i64>(t >> 1);
  for (const end = slots + (<usize>n << 3); slots < end; slots += 8) {
    const m = load<i64>(slots);
    const shifted = <f64>m * ratio + 4503599627370496.0;
    const quotient = reinterpret<i64>(shifted) & 0xfffffffffffff;
    let rest = m * <i64>qt - quotient * signed + half;
    rest += signed & (rest >> 63);
    rest -= signed;
    rest += signed & (rest >> 63);
    store<u32>(low, <u32>rest);
    store<u32>(high, <u32>(rest >> 32));
    low += 4;
    high += 4;
  }
}

/**
 * sum[j] += floor(y M) + floor(y N / 2^32) mod 2^64 with y = x[j] f mod q: the fraction y / q in units of
 * 2^-64, less than 2 units short. M = 2^32 m1 + m0 = floor(2^64 / q), N = floor(2^32 (2^64 mod q) / q).
 */
export function rlwe_crt(
  x: usize, sum: usize, n: u32, q: u32, f: u32, companion: u32, m1: u32, m0: u32, rest: u32,
): void {
  const vq = i32x4.splat(q);
  const vf = i32x4.splat(f);
  const vc = i32x4.splat(companion);
  const vm1 = i32x4.splat(m1);
  const vm0 = i32x4.splat(m0);
  const vn = i32x4.splat(rest);
  for (const end = x + (<usize>n << 2); x < end; x += 16) {
    const y = below(shoup(v128.load(x), vf, vc, vq), vq);
    const a = i64x2.add(
      i64x2.add(i64x2.extmul_low_i32x4_u(y, vm0), i64x2.shl(i64x2.extmul_low_i32x4_u(y, vm1), 32)),
      i64x2.shr_u(i64x2.extmul_low_i32x4_u(y, vn), 32));
    const b = i64x2.add(
      i64x2.add(i64x2.extmul_high_i32x4_u(y, vm0), i64x2.shl(i64x2.extmul_high_i32x4_u(y, vm1), 32)),
      i64x2.shr_u(i64x2.extmul_high_i32x4_u(y, vn), 32));
    v128.store(sum, i64x2.add(v128.load(sum), a));
    v128.store(sum, i64x2.add(v128.load(sum, 16), b), 16);
    sum += 32;
  }
}

/** sum[j] = round(sum[j] t / 2^64) mod t in [-t/2, t/2), signed, for t = 2^bits, bits 1 to 63. */
export function rlwe_round(sum: usize, n: u32, bits: u32): void {
  const half = i64x2.splat(<u64>1 << (63 - bits));
  const shift = 64 - bits;
  for (const end = sum + (<usize>n << 3); sum < end; sum += 16) {
    v128.store(sum, i64x2.shr_s(i64x2.add(v128.load(sum), half), shift));
  }
}

// floor(t w / 2^32) for w < 2^32 and t = 2^24 th + tl < 2^48, plus `more` < 2^62 before the division.
// @ts-ignore: decorator
@inline
function times(th: u64, tl: u64, w: u64, more: u64): u64 {
  const upper = th * w; // below 2^56
  return (upper >> 8) + ((((upper & 0xff) << 24) + tl * w + more) >> 32);
}

/** The same for any odd t < 2^48. */
export function rlwe_round_prime(sum: usize, n: u32, t: u64): void {
  const th = t >> 24;
  const tl = t & 0xffffff;
  for (const end = sum + (<usize>n << 3); sum < end; sum += 8) {
    const word = load<u64>(sum);
    const fraction = times(th, tl, word & 0xffffffff, 0);
    const m = times(th, tl, word >> 32, fraction + 0x80000000);
    // m = t is 0, and so is m - t: both ends of [t/2, t] go down by t.
    store<u64>(sum, m - (t & ~<u64>(<i64>(2 * m - t) >> 63)));
  }
}

/** words[j] = slots[j], 32 bits to 64. */
export function rlwe_widen(slots: usize, words: usize, n: u32): void {
  for (const end = slots + (<usize>n << 2); slots < end; slots += 16) {
    const four = v128.load(slots);
    v128.store(words, i64x2.extend_low_i32x4_u(four));
    v128.store(words, i64x2.extend_high_i32x4_u(four), 16);
    words += 32;
  }
}

/** slots[j] = the low 32 bits of words[j]. */
export function rlwe_narrow(words: usize, slots: usize, n: u32): void {
  for (const end = slots + (<usize>n << 2); slots < end; slots += 16) {
    v128.store(slots, v128.shuffle<u32>(v128.load(words), v128.load(words, 16), 0, 2, 4, 6));
    words += 32;
  }
}
