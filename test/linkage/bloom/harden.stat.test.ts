/**
 * Randomised response: the share of flipped bits, and that e^ε is what it says. One test of 200,000
 * bits for each probability, two-sided at alpha = 10^-6 (4.9 standard deviations), with a fixed stream.
 */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { shake128 } from '../../../src/base/hash.ts';
import { Rational } from '../../../src/base/rational.ts';
import type { Rng } from '../../../src/base/rng.ts';
import { oddsPerBit, randomisedResponse } from '../../../src/linkage/bloom/harden.ts';
import { refusal } from '../../support/refusal.ts';

const stream = (seed: string): Rng => {
  let call = 0;
  return (length) => shake128(utf8(`${seed} ${call++}`), length);
};
const BYTES = 25_000;
const flipped = (before: Uint8Array, after: Uint8Array): number =>
  before.reduce(
    (sum, byte, i) => sum + (byte ^ after[i]!).toString(2).replaceAll('0', '').length,
    0,
  );

describe('randomisedResponse', () => {
  test.each([
    ['19/20', '19/1'],
    ['2/3', '2/1'],
    ['1/2', '1/1'],
    ['999/1000', '999/1'],
  ])('keeps a bit with probability %s, odds %s', (text, odds) => {
    const keep = Rational.parse(text);
    equal(oddsPerBit(keep).toString(), odds);
    const before = shake128(utf8('encoding'), BYTES);
    const after = randomisedResponse(before, keep, stream(text));
    const [n, p] = [8 * BYTES, 1 - keep.toNumber()];
    const deviation = Math.abs(flipped(before, after) - n * p) / Math.sqrt(n * p * (1 - p));
    ok(deviation < 4.9, `${deviation} standard deviations`);
  });

  test('positive control: the share of another probability is found', () => {
    const before = shake128(utf8('encoding'), BYTES);
    const after = randomisedResponse(before, Rational.of(94n, 100n), stream('control'));
    const [n, p] = [8 * BYTES, 0.05];
    ok(Math.abs(flipped(before, after) - n * p) / Math.sqrt(n * p * (1 - p)) > 4.9);
  });

  test('the input is not changed, and a stream gives the same answer again', () => {
    const before = shake128(utf8('x'), 128);
    const copy = before.slice();
    const keep = Rational.of(3n, 4n);
    deepStrictEqual(
      randomisedResponse(before, keep, stream('s')),
      randomisedResponse(before, keep, stream('s')),
    );
    deepStrictEqual(before, copy);
  });

  test.each(['1/1', '1/3', '0/1', '5/4'])('probability %s is refused', (text) => {
    const encoding = new Uint8Array(128);
    throws(
      () => randomisedResponse(encoding, Rational.parse(text), stream('r')),
      refusal('INVALID_PARAMETER'),
    );
  });
  test('a denominator above 2^31 is refused', () => {
    const keep = Rational.of(2n ** 40n - 1n, 2n ** 40n);
    throws(
      () => randomisedResponse(new Uint8Array(1), keep, stream('r')),
      refusal('INVALID_PARAMETER'),
    );
  });
});
