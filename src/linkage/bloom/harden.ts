/**
 * Randomised response on every bit of an encoding: kept with probability p, flipped with 1 − p.
 *
 * Papers   Warner, J. Am. Stat. Assoc. 60 (1965); on Bloom filters: Schnell, Borgs, IEEE ICDM
 *          Workshops 2016 (there with probability f of a coin: p = 1 − f/2).
 * Promise  a single bit is ε-locally differentially private with e^ε = p / (1 − p), exactly: p is a
 *          fraction and so is e^ε. Bits of one person are not independent: a person who may change
 *          all of them has ε times their number, which promises nothing at useful p. So: per bit.
 * Exact    a bit is flipped where a uniform integer below the denominator falls below the numerator
 *          of 1 − p, by rejection: no bias, no float.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import type { Rng } from '../../base/rng.ts';

const LARGEST = 2n ** 31n;

/** e^ε for one bit kept with probability `keep`, 1/2 ≤ keep < 1. */
export function oddsPerBit(keep: Rational): Rational {
  check(
    Rational.of(1n, 2n).atMost(keep) && keep.compare(Rational.ONE) < 0,
    'INVALID_PARAMETER',
    'a bit is kept with probability 1/2 to below 1',
  );
  return keep.dividedBy(Rational.ONE.minus(keep));
}

/** Uniform integers below `bound` ≤ 2^31, from 32-bit words of `rng`. */
function* uniform(bound: number, rng: Rng, batch: number): Generator<number, never> {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const bytes = rng(4 * batch);
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < batch; i++) {
      const word = words.getUint32(4 * i, true);
      if (word < limit) yield word % bound;
    }
  }
}

/** A new encoding with every bit of `encoding` kept with probability `keep`. */
export function randomisedResponse(encoding: Uint8Array, keep: Rational, rng: Rng): Uint8Array {
  oddsPerBit(keep);
  const flip = Rational.ONE.minus(keep);
  check(flip.denominator <= LARGEST, 'INVALID_PARAMETER', 'denominator above 2^31');
  const draws = uniform(Number(flip.denominator), rng, 8 * encoding.length);
  const below = Number(flip.numerator);
  return encoding.map((byte) => {
    let mask = 0;
    for (let bit = 0; bit < 8; bit++) {
      mask = (mask << 1) | (draws.next().value < below ? 1 : 0);
    }
    return byte ^ mask;
  });
}
