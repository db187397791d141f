import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { regressionRow, regressionSums } from '../../../src/dp/mechanism/regression.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');

describe('sufficient statistics of a regression', () => {
  test('three features, an intercept and an outcome in [−1, 1]: 15 sums, squared L2 15', () => {
    const sums = regressionSums([1n, 1n, 1n], 1n);
    equal(sums.pairs.length, 15);
    equal(sums.squaredL2, 15n);
    equal(sums.l1, 15n);
  });
  test('the maximum over every row of the box is the charge, and is attained', () => {
    const [features, outcome] = [[2n, 1n], 3n] as const;
    const sums = regressionSums(features, outcome);
    let [l1, squared] = [0n, 0n];
    for (let a = -2n; a <= 2n; a += 1n) {
      for (let b = -1n; b <= 1n; b += 1n) {
        for (let y = -3n; y <= 3n; y += 1n) {
          const row = regressionRow(sums, [a, b], y);
          const size = row.reduce((s, x) => s + (x < 0n ? -x : x), 0n);
          const square = row.reduce((s, x) => s + x * x, 0n);
          row.forEach((x, i) => {
            ok((x < 0n ? -x : x) <= (sums.bounds[i] ?? 0n));
          });
          if (size > l1) l1 = size;
          if (square > squared) squared = square;
        }
      }
    }
    deepEqual([l1, squared], [sums.l1, sums.squaredL2]);
  });
  test('control: leaving the outcome out of the charge is exceeded by a row', () => {
    const without = regressionSums([2n], 1n).squaredL2;
    const row = regressionRow(regressionSums([2n], 3n), [2n], 3n);
    ok(row.reduce((s, x) => s + x * x, 0n) > without);
  });
  test('two rows of a person: four times the squared norm', () => {
    const [one, two] = [regressionSums([2n], 3n), regressionSums([2n], 3n, 2)];
    deepEqual([two.l1, two.squaredL2], [2n * one.l1, 4n * one.squaredL2]);
  });
  test('refusals', () => {
    throws(() => regressionSums([], 1n), invalid);
    throws(() => regressionSums([0n], 1n), invalid);
    throws(() => regressionSums([1n], -1n), invalid);
    throws(() => regressionSums([1n], 1n, 0), invalid);
    throws(() => regressionSums([1n], 1n, 1.5), invalid);
    throws(() => regressionSums(Array<bigint>(65).fill(1n), 1n), invalid);
  });
});
