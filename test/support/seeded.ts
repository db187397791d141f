/** A stream of numbers from a seed text, the same on every machine: AES-256-CTR under its digest. */
import { keyStream, sha256 } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Secret } from '../../src/base/secret.ts';

export class Seeded {
  readonly #words: Uint32Array;
  #at = 0;

  constructor(seed: string, draws: number) {
    using key = new Secret('test seed', sha256(utf8(seed)));
    this.#words = new Uint32Array(keyStream(key, 4 * draws).slice().buffer);
  }

  /** An integer in [0, n); the bias is below n / 2^32. */
  below(n: number): number {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Error('the stream is used up: ask for more draws');
    return Math.floor((word / 2 ** 32) * n);
  }

  /** True with probability `percent` / 100. */
  chance(percent: number): boolean {
    return this.below(10_000) < percent * 100;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Mostly from the front of a list that is sorted by frequency. */
  pickFront<T>(values: readonly T[]): T {
    return values[Math.floor(values.length * (this.below(1 << 20) / (1 << 20)) ** 2)]!;
  }
}
