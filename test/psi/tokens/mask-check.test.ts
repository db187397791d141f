/** The parts of the check add up to its definition in bigints, and only a good mask gives zero. */
import { equal, notEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import {
  type Challenge,
  challengeOf,
  termOfA,
  termOfB,
  tokenResidues,
  weightsOfShare,
  weightsOfTokens,
} from '../../../src/psi/tokens/mask-check.ts';
import { expandMaskShare, shareMask } from '../../../src/psi/tokens/mask-shares.ts';
import { FIELD_PRIME, type Residues } from '../../../src/psi/tokens/prime-field.ts';

const ROWS = 6;
const T = BigInt(FIELD_PRIME);
const mod = (x: bigint): bigint => ((x % T) + T) % T;
const big = (x: Residues, i: number): bigint => BigInt(x[i] ?? 0);
const rows = Array.from({ length: ROWS }, (_, i) => i);
const inner = (x: Residues, y: Residues): bigint =>
  rows.reduce((sum, i) => sum + big(x, i) * big(y, i), 0n);

/** Tokens of A; B has those of rows 0 to 3 and others behind. */
const ofA = systemRng(16 * ROWS);
const ofB = ofA.slice();
ofB.set(systemRng(32), 64);

function challenge(round = 0): Challenge {
  using coin = new Secret('coin', systemRng(32));
  return challengeOf(coin, round, ROWS);
}

/** What both holders end up with, put together as in the protocol. */
function sumOf(mask: readonly number[], given = challenge(), tokensOfB = ofB): bigint {
  const { seed, rest } = shareMask(mask, systemRng);
  using secret = new Secret('seed', seed);
  const a = expandMaskShare(secret, ROWS);
  const [alpha, beta] = [tokenResidues(ofA, given), tokenResidues(tokensOfB, given)];
  return mod(
    BigInt(termOfA(given, a, alpha)) +
      BigInt(termOfB(given, rest, beta)) +
      inner(a, weightsOfShare(given, rest, beta)) +
      inner(alpha, weightsOfTokens(given, rest)),
  );
}

/** Σ r (m² − m) + s m (α − β). */
function defined(mask: readonly number[], given: Challenge): bigint {
  const [alpha, beta] = [tokenResidues(ofA, given), tokenResidues(ofB, given)];
  return mod(
    rows.reduce((sum, i) => {
      const m = BigInt(mask[i] ?? 0);
      const pair = big(given.pair, i) * m * (big(alpha, i) - big(beta, i));
      return sum + big(given.bit, i) * (m * m - m) + pair;
    }, 0n),
  );
}

describe('check of the mask', () => {
  test('is what it is defined to be, for any mask', () => {
    for (let k = 0; k < 50; k += 1) {
      const mask = [...new Float64Array(new Uint32Array(systemRng(4 * ROWS).buffer))];
      const given = challenge(k % 2);
      equal(sumOf(mask, given), defined(mask, given));
    }
  });

  test('is zero for every choice of true pairs', () => {
    for (let chosen = 0; chosen < 16; chosen += 1) {
      equal(sumOf(rows.map((i) => (chosen >> i) & 1)), 0n);
    }
  });

  test.each([
    ['a weight of two', [2, 0, 0, 0, 0, 0]],
    ['minus one', [0, FIELD_PRIME - 1, 0, 0, 0, 0]],
    ['excess that cancels', [2, FIELD_PRIME - 1, 0, 0, 0, 0]],
    ['strangers', [1, 1, 1, 1, 1, 0]],
  ])('is not for %s', (_, mask) => {
    notEqual(sumOf(mask), 0n);
  });

  test('is not for partners that are exchanged', () => {
    const exchanged = ofB.slice();
    exchanged.set(ofB.subarray(0, 16), 16);
    exchanged.set(ofB.subarray(16, 32), 0);
    notEqual(sumOf([1, 1, 0, 0, 0, 0], challenge(), exchanged), 0n);
    equal(sumOf([0, 0, 1, 1, 0, 0], challenge(), exchanged), 0n);
  });

  test('two rounds of one coin have nothing in common', () => {
    using coin = new Secret('coin', systemRng(32));
    const [x, y] = [challengeOf(coin, 0, ROWS), challengeOf(coin, 1, ROWS)];
    notEqual(x.bit.join(), y.bit.join());
    notEqual(tokenResidues(ofA, x).join(), tokenResidues(ofA, y).join());
  });
});
