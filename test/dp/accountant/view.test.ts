/**
 * Exact views: against the definition summed term by term, against draws, and against what the bounds by rho
 * allow. Control: half the variance tells more.
 */
import { ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import * as fc from 'fast-check';
import { Rational } from '../../../src/base/rational.ts';
import { attackerSuccess } from '../../../src/dp/accountant/attacker.ts';
import { type MovedCells, viewOf } from '../../../src/dp/accountant/view.ts';
import { zcdpEpsilon } from '../../../src/dp/accountant/zcdp.ts';
import { gaussianMass } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

const READER = { shares: 2, delta: 1e-6, falsePositives: 0.01 };
const one = (variance: number, shift = 1): MovedCells[] => [{ variance, shift, cells: 1 }];

/** P of the sum of two shares, by the definition. */
function sumOfTwo(variance: number, n: number): number {
  const reach = Math.ceil(14 * Math.sqrt(variance)) + Math.abs(n);
  let p = 0;
  for (let m = -reach; m <= reach; m++)
    p += gaussianMass(variance, m) * gaussianMass(variance, n - m);
  return p;
}

const rhoOf = (moved: readonly MovedCells[], shares: number): number =>
  moved.reduce(
    (rho, { variance, shift, cells }) => rho + (cells * shift ** 2) / (2 * variance * shares),
    0,
  );

describe('view of one release', () => {
  for (const [variance, shift] of [
    [1, 1],
    [3, 2],
    [9, 1],
    [9, 4],
  ] as const) {
    test(`variance ${variance}, shift ${shift}: delta at that epsilon, term by term`, () => {
      const { epsilon } = viewOf(one(variance, shift), READER);
      const reach = Math.ceil(20 * Math.sqrt(variance));
      const deltaAt = (e: number): number => {
        let delta = 0;
        for (let n = -reach; n <= reach; n++) {
          const excess = sumOfTwo(variance, n) - Math.exp(e) * sumOfTwo(variance, n + shift);
          delta += Math.max(0, excess);
        }
        return delta;
      };
      ok(deltaAt(epsilon) <= 1e-6 * (1 + 1e-6));
      ok(deltaAt(epsilon - 1e-3) > 1e-6);
    });
  }

  test('nobody finds more than is said, by a threshold with the lot drawn at it', () => {
    const [variance, shift] = [5, 2];
    const { found } = viewOf(one(variance, shift), READER);
    const law = Array.from({ length: 201 }, (_, i) => sumOfTwo(variance, i - 100));
    const tail = (k: number): number => law.slice(k + 100).reduce((sum, p) => sum + p, 0);
    const rates = Array.from({ length: 60 }, (_, k) => [tail(k), tail(k - shift)] as const);
    const at = rates.findIndex(([accused]) => accused <= 0.01);
    const [[high, most], [low, least]] = [rates[at - 1]!, rates[at]!];
    const expected = least + ((0.01 - low) / (high - low)) * (most - least);
    ok(Math.abs(found - expected) < 1e-8, `${found} ${expected}`);
  });

  test('several cells agree with one of the same norm where noise is wide', () => {
    // Two cells moved by 1 under wide noise are a shift of √2: compared at four times the variance, shift 2·√2.
    const several = viewOf([{ variance: 4e4, shift: 1, cells: 4 }], READER);
    const single = viewOf(one(4e4, 2), READER);
    ok(Math.abs(several.epsilon / single.epsilon - 1) < 1e-3);
    ok(Math.abs(several.found - single.found) < 1e-5);
  });

  test('never above the bounds by rho, never below nothing at all', () => {
    const cell = fc.record({
      variance: fc.constantFrom(0.7, 1, 2.5, 4, 10, 60, 400),
      shift: fc.integer({ min: 1, max: 3 }),
      cells: fc.integer({ min: 1, max: 3 }),
    });
    const moved = fc.array(cell, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(moved, fc.integer({ min: 1, max: 4 }), (cells, shares) => {
        // Below 4 a sum of shares is not quite a discrete Gaussian, and its rho is that of one.
        const smooth = cells.every(({ variance }) => variance >= 4) || shares === 1;
        const rho = rhoOf(cells, smooth ? shares : 1);
        const { epsilon, found } = viewOf(cells, { ...READER, shares });
        const bound = Rational.of(BigInt(Math.ceil(rho * 1e12)), 10n ** 12n);
        ok(epsilon <= zcdpEpsilon(bound, Rational.of(1, 1_000_000)) * (1 + 1e-4));
        ok(found <= attackerSuccess(bound, Rational.ZERO) + 1e-6 && found >= 0.01);
      }),
      { numRuns: 12 },
    );
  });

  test('where the losses are large, attackers are not said to find everybody', () => {
    const moved = [
      { variance: 0.7, shift: 2, cells: 2 },
      { variance: 0.7, shift: 1, cells: 2 },
    ];
    // Largest losses of 95: at those the rate of the test is 1 but for rounding.
    const { found } = viewOf(moved, { ...READER, shares: 1 });
    ok(found > 0.92 && found < 0.923, `${found}`);
  });

  test('control: half the variance tells more', () => {
    const [whole, half] = [viewOf(one(50), READER), viewOf(one(25), READER)];
    ok(half.epsilon > 1.3 * whole.epsilon && half.found > whole.found);
  });

  test('bad readers and bad noise are refused', () => {
    const invalid = refusal('INVALID_PARAMETER');
    for (const shares of [0, 17, 1.5, Number.NaN]) {
      throws(() => viewOf(one(4), { ...READER, shares }), invalid);
    }
    for (const variance of [0, -1, Number.NaN, Infinity, 1e9]) {
      throws(() => viewOf(one(variance), READER), invalid);
    }
    for (const delta of [0, 1, -1, Number.NaN])
      throws(() => viewOf(one(4), { ...READER, delta }), invalid);
    throws(() => viewOf([], READER), invalid);
    throws(() => viewOf(one(4, 0), READER), invalid);
  });
});
