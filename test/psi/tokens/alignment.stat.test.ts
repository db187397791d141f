/**
 * Rulings, test 7: the bijection that B sees is uniform whatever matched. 4 rows a side, 24 bijections, chi-square
 * with 23 degrees of freedom at alpha = 10^-6 (Wilson-Hilferty), with no, some and full overlap.
 * Control: "the next free position" and a list that is not shuffled are caught.
 */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { sha256 } from '../../../src/base/hash.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { align, checkBijection } from '../../../src/psi/tokens/alignment.ts';
import { permutation } from '../../../src/psi/shuffle.ts';

const ROWS = 4;
const DRAWS = 6000;
const OUTCOMES = 24;
/** 1 − 10^-6 of chi-square with 23 degrees of freedom: 23 (1 − 2/207 + 4.7534 √(2/207))^3. */
const LIMIT = 23 * (1 - 2 / 207 + 4.7534 * Math.sqrt(2 / 207)) ** 3;

const token = (name: string): Uint8Array => sha256(utf8(name)).subarray(0, 16);
const joined = (tokens: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(tokens.flatMap((one) => [...one]));
const OF_B = Array.from({ length: ROWS }, (_, i) => token(`b${i}`));

/** A's list with `overlap` tokens of B. */
const ofA = (overlap: number): Uint8Array[] =>
  Array.from({ length: ROWS }, (_, i) => token(i < overlap ? `b${i}` : `a${i}`));
const shuffled = (list: readonly Uint8Array[]): Uint8Array[] =>
  Array.from(permutation(list.length, systemRng), (from) => list[from] ?? token(''));

/** Unmatched rows in order: what must not be done. */
function nextFree(tokensOfA: Uint8Array, tokensOfB: Uint8Array): Uint32Array {
  const { positions, matched } = align(tokensOfA, tokensOfB, systemRng);
  const free = [...matched.keys()].filter((at) => matched[at] === 0);
  return positions.map((at) => (matched[at] === 1 ? at : (free.shift() ?? at)));
}

function statistic(draw: () => Uint32Array): number {
  const seen = new Map<string, number>();
  for (let i = 0; i < DRAWS; i += 1) {
    const outcome = draw().join();
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  const expected = DRAWS / OUTCOMES;
  const missing = (OUTCOMES - seen.size) * expected;
  return [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, missing);
}

describe('what B sees', () => {
  test.each([0, 2, ROWS])('is uniform with %i of 4 rows in common', (overlap) => {
    const b = joined(OF_B);
    const list = ofA(overlap);
    ok(statistic(() => align(joined(shuffled(list)), b, systemRng).positions) < LIMIT);
  });

  test('control: the next free position is not', () => {
    const b = joined(OF_B);
    for (const overlap of [0, 2]) {
      ok(statistic(() => nextFree(joined(shuffled(ofA(overlap))), b)) > LIMIT);
    }
  });

  test('control: nor is a list that A did not shuffle', () => {
    const [a, b] = [joined(ofA(ROWS)), joined(OF_B)];
    ok(statistic(() => align(a, b, systemRng).positions) > LIMIT);
  });
});

describe('alignment', () => {
  test('partners are together, and each position is given once', () => {
    const list = [token('b2'), token('a1'), token('b0'), token('a3')];
    const { positions, matched } = align(joined(list), joined(OF_B), systemRng);
    deepStrictEqual([positions[0], positions[2]], [2, 0]);
    deepStrictEqual([...matched], [1, 0, 1, 0]);
    checkBijection(positions);
  });

  test('tokens that share their first word are different tokens', () => {
    const near = Array.from({ length: ROWS }, (_, i) => new Uint8Array(16).fill(i, 8));
    const { matched } = align(joined(near), joined(near.toReversed()), systemRng);
    deepStrictEqual([...matched], [1, 1, 1, 1]);
  });

  test('lists of different lengths, equal tokens and no bijection are refused', () => {
    const twice = joined([token('x'), token('x')]);
    const two = joined([token('x'), token('y')]);
    for (const [a, b] of [
      [twice, two],
      [two, twice],
      [two, joined(OF_B)],
      [new Uint8Array(0), new Uint8Array(0)],
      [two.subarray(1), two.subarray(1)],
    ] as const) {
      throws(() => align(a, b, systemRng), { code: 'MALFORMED_MESSAGE' });
    }
    for (const bad of [
      [0, 0],
      [0, 2],
      [1, 0xffffffff],
    ]) {
      throws(() => checkBijection(Uint32Array.from(bad)), { code: 'MALFORMED_MESSAGE' });
    }
    checkBijection(Uint32Array.of(1, 0));
  });
});
