/**
 * No suppressed value can be computed from what the same release shows. The attacker knows every
 * shown value and that pooled = Σ holders; a hidden value is recovered when all solutions agree
 * on it.
 */
import { deepEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { type Hidden, suppressedParts } from '../../../src/analysis/disclosure/suppression.ts';
import { refusal } from '../../support/refusal.ts';

/**
 * Σ holders − pooled = 0 over the hidden unknowns: one equation whose coefficients are all
 * non-zero. An unknown is determined exactly when no solution of the homogeneous equation moves
 * it: tried by hand.
 */
function recoverable({ holders, pooled }: Hidden): boolean {
  const coefficients = [...holders.filter(Boolean).map(() => 1), ...(pooled ? [-1] : [])];
  return coefficients.some((own, i) => {
    const other = coefficients.find((_, j) => j !== i);
    if (other === undefined) return true; // alone: own·x is the difference of shown values
    const move = -own / other; // x_i + 1 and the other one + move solve it as well
    return own + other * move !== 0;
  });
}

const tables = fc.record({
  parts: fc.array(fc.integer({ min: -30, max: 60 }), { minLength: 1, maxLength: 5 }),
  minimum: fc.integer({ min: 0, max: 30 }),
});

describe('suppression', () => {
  test('hides every small value and determines none of them', () => {
    fc.assert(
      fc.property(tables, ({ parts, minimum }) => {
        const pooled = parts.reduce((sum, x) => sum + x, 0);
        const hidden = suppressedParts(parts, pooled, minimum);
        equal(recoverable(hidden), false);
        if (minimum === 0) return;
        parts.forEach((value, i) => {
          equal(hidden.holders[i], value < minimum);
        });
        if (pooled < minimum) equal(hidden.pooled, true);
      }),
      { numRuns: 2000 },
    );
  });
  test('hides no more than it must: a pooled cell goes only when small or giving one away', () => {
    fc.assert(
      fc.property(tables, ({ parts, minimum }) => {
        const pooled = parts.reduce((sum, x) => sum + x, 0);
        const hidden = suppressedParts(parts, pooled, minimum);
        if (!hidden.pooled || pooled < minimum) return;
        equal(recoverable({ ...hidden, pooled: false }), true);
      }),
    );
  });
  test('control: without the complementary rule a value is recovered', () => {
    equal(recoverable({ holders: [true, false], pooled: false }), true);
    equal(recoverable({ holders: [false, false], pooled: true }), true);
  });
  test('by example, two holders and a minimum of 10', () => {
    deepEqual(suppressedParts([5, 20], 25, 10), { holders: [true, false], pooled: true });
    deepEqual(suppressedParts([5, 7], 12, 10), { holders: [true, true], pooled: false });
    deepEqual(suppressedParts([-5, 7], 2, 10), { holders: [true, true], pooled: true });
    deepEqual(suppressedParts([10, 10], 20, 10), { holders: [false, false], pooled: false });
    deepEqual(suppressedParts([], 9, 10), { holders: [], pooled: true });
    deepEqual(suppressedParts([-5, 7], 2, 0), { holders: [false, false], pooled: false });
  });
  test('refuses a minimum that is not a count', () => {
    for (const bad of [-1, 0.5, Number.NaN]) {
      throws(() => suppressedParts([1], 1, bad), refusal('INVALID_PARAMETER'));
    }
  });
});
