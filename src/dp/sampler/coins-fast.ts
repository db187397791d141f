/**
 * The coins of bernoulli-exp.ts in doubles, inside a guarded range: same bytes read, same outcome.
 *
 * Every product formed here is an integer below 2^53 and therefore exact. A longer series of heads
 * continues in bigints from the same place in the stream.
 * @module
 */
import { bernoulliExpUnit } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import { uniformBelow53 } from './uniform.ts';

/** Denominators stay below this, times at most `LONGEST` tosses below 2^53. */
export const LARGEST_DENOMINATOR = 2 ** 46;
const LONGEST = 2 ** 7;

const gcd = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
};

/** True with probability e^(−n/d), for a fraction in lowest terms with 0 ≤ n ≤ d < 2^46. */
function expUnit(n: number, d: number, bytes: ByteSource): boolean {
  if (uniformBelow53(d, bytes) >= n) return true;
  for (let k = 2; k < LONGEST; k++) {
    // n/d is in lowest terms, so gcd(n, d·k) = gcd(n, k). Zero is 0/1 and was tails before.
    const divisor = k < 4 ? (n % k === 0 ? k : 1) : gcd(n, k);
    if (uniformBelow53((d * k) / divisor, bytes) >= n / divisor) return k % 2 === 1;
  }
  return bernoulliExpUnit(BigInt(n), BigInt(d), bytes, BigInt(LONGEST));
}

/** True with probability 1/e: `expUnit(1, 1)`. The first toss is heads for certain and reads bytes. */
export function expOne(bytes: ByteSource): boolean {
  while (bytes.word() >>> 31 !== 0);
  for (let k = 2; k < LONGEST; k++) {
    const drop = Math.clz32(k);
    let value = bytes.word() >>> drop;
    while (value >= k) value = bytes.word() >>> drop;
    if (value >= 1) return k % 2 === 1;
  }
  return bernoulliExpUnit(1n, 1n, bytes, BigInt(LONGEST));
}

/** Fractions n/d with one d, reduced once for each small index. */
export class Exponents {
  readonly #whole: Float64Array;
  readonly #numerator: Float64Array;
  readonly #denominator: Float64Array;
  readonly #of: (index: number) => number;
  readonly #d: number;

  /** `of(index)` is an integer below 2^53, `d` one below 2^46; `size` entries are kept. */
  constructor(of: (index: number) => number, d: number, size: number) {
    this.#of = of;
    this.#d = d;
    this.#whole = new Float64Array(size);
    this.#numerator = new Float64Array(size);
    this.#denominator = new Float64Array(size);
  }

  /** True with probability e^(−of(index)/d). */
  toss(index: number, bytes: ByteSource): boolean {
    if (index >= this.#whole.length) {
      const n = this.#of(index);
      const rest = n % this.#d;
      const divisor = gcd(rest, this.#d);
      return this.#all(Math.floor(n / this.#d), rest / divisor, this.#d / divisor, bytes);
    }
    if (this.#denominator[index] === 0) this.#reduce(index);
    const n = this.#numerator[index] ?? 0;
    return this.#all(this.#whole[index] ?? 0, n, this.#denominator[index] ?? 1, bytes);
  }

  #reduce(index: number): void {
    const n = this.#of(index);
    const rest = n % this.#d;
    const divisor = gcd(rest, this.#d);
    this.#whole[index] = Math.floor(n / this.#d);
    this.#numerator[index] = rest / divisor;
    this.#denominator[index] = this.#d / divisor;
  }

  #all(whole: number, n: number, d: number, bytes: ByteSource): boolean {
    for (let left = whole; left > 0; left--) if (!expOne(bytes)) return false;
    return expUnit(n, d, bytes);
  }
}
