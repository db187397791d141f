/**
 * The discrete Fourier transform of a power of two of complex doubles, in place.
 *
 * Method  Cooley and Tukey, decimation in time, radix two; every twiddle factor is computed by itself
 *         and not from others.
 * Error   ‖computed − exact‖₂ ≤ FOURIER_ERROR·log₂ N·‖exact‖₂ (Higham, Accuracy and Stability of
 *         Numerical Algorithms, 2nd ed., theorem 24.2: log₂ N·η/(1 − log₂ N·η) with η = μ +
 *         γ₄(√2 + μ) for twiddles with error μ; μ ≤ 4u for cos and sin within two units in the last
 *         place, u = 2^−53, so η < 10u). 16u leaves room for the denominator.
 * @module
 */
import { check } from '../../base/errors.ts';

/** η of one level, with room. */
export const FOURIER_ERROR = 16 * 2 ** -53;
const LONGEST = 2 ** 22;

export class Fourier {
  readonly size: number;
  readonly levels: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  constructor(size: number) {
    const power = Number.isSafeInteger(size) && size >= 2 && Number.isInteger(Math.log2(size));
    check(power && size <= LONGEST, 'INVALID_PARAMETER', 'size of a Fourier transform');
    this.size = size;
    this.levels = Math.log2(size);
    const angles = Float64Array.from({ length: size / 2 }, (_, k) => (2 * Math.PI * k) / size);
    this.#cos = angles.map(Math.cos);
    this.#sin = angles.map(Math.sin);
  }

  /** x_j → Σ x_k·e^(−2πijk/N). */
  forward(re: Float64Array, im: Float64Array): void {
    this.#transform(re, im);
  }

  /** The inverse of `forward`, with the division by N. */
  inverse(re: Float64Array, im: Float64Array): void {
    this.#transform(im, re); // conjugation by exchanging the parts
    for (let i = 0; i < this.size; i++) {
      re[i] = (re[i] ?? 0) / this.size;
      im[i] = (im[i] ?? 0) / this.size;
    }
  }

  #transform(re: Float64Array, im: Float64Array): void {
    const n = this.size;
    check(re.length === n && im.length === n, 'INVALID_PARAMETER', 'length of a transform');
    permute(re, this.levels);
    permute(im, this.levels);
    for (let half = 1; half < n; half *= 2) {
      const stride = n / (2 * half);
      for (let k = 0; k < half; k++) {
        const [c, s] = [this.#cos[k * stride] ?? 0, this.#sin[k * stride] ?? 0];
        for (let i = k; i < n; i += 2 * half) {
          const j = i + half;
          const [x, y] = [re[j] ?? 0, im[j] ?? 0];
          const tr = x * c + y * s;
          const ti = y * c - x * s;
          const [a, b] = [re[i] ?? 0, im[i] ?? 0];
          re[j] = a - tr;
          im[j] = b - ti;
          re[i] = a + tr;
          im[i] = b + ti;
        }
      }
    }
  }
}

/** Exchanges entries whose indices are each other's bits in reverse. */
function permute(values: Float64Array, bits: number): void {
  let reversed = 0;
  for (let i = 0; i < values.length; i++) {
    if (i < reversed) {
      const kept = values[i] ?? 0;
      values[i] = values[reversed] ?? 0;
      values[reversed] = kept;
    }
    let bit = 1 << (bits - 1);
    while ((reversed & bit) !== 0 && bit > 0) {
      reversed ^= bit;
      bit >>= 1;
    }
    reversed |= bit;
  }
}
