/**
 * Any integers as noised sums: finite numbers, intervals that hold their value and stay in the
 * public range, no exceptions; bounds of the noise half-width by brute force over data; and what
 * is refused.
 */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectedMeanNoise, meanOf } from '../../../src/analysis/measure/mean.ts';
import { expectedProportionNoise, proportionOf } from '../../../src/analysis/measure/proportion.ts';
import { expectedSumNoise, sumOf } from '../../../src/analysis/measure/sum.ts';
import { expectedVarianceNoise, varianceOf } from '../../../src/analysis/measure/variance.ts';
import type { Scale } from '../../../src/analysis/moments.ts';
import type { Estimate } from '../../../src/analysis/reading.ts';
import { refusal } from '../../support/refusal.ts';
import { momentSums, quiet } from '../tables.ts';

const total = fc.oneof(
  fc.integer({ min: -2000, max: 20_000 }),
  fc.constantFrom(0, 1, -1, 2 ** 45, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const variance = fc.constantFrom(1e-18, 0.25, 4, 1e4, 1e12, 1e30);
const scale = fc
  .tuple(
    fc.oneof(fc.integer({ min: -300, max: 300 }), fc.constantFrom(-(2 ** 52), -1, 0)),
    fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(2 ** 52)),
    fc.constantFrom(1, 0.1, 1e-8),
  )
  .map(([min, range, step]) => ({ min, max: min + range, step }));

const within = ([low, high]: readonly [number, number], value: number): boolean =>
  low <= value && value <= high;

function checkEstimate(
  { value, interval, noise, count }: Estimate,
  low: number,
  high: number,
): void {
  ok([value, ...interval, noise, count].every((x) => Number.isFinite(x) && !Object.is(x, -0)));
  ok(within(interval, value), `${interval.join()} around ${value}`);
  // Ends are rounded products of the bounds.
  const slack = 1e-12 * (Math.abs(low) + Math.abs(high));
  ok(interval[0] >= low - slack && interval[1] <= high + slack);
  ok(noise >= 0);
}

describe('any integers', () => {
  test('mean, sum, variance', () => {
    const values = fc.array(total, { minLength: 3, maxLength: 3 });
    const noise = fc.array(variance, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.record({ values, noise }), scale, (reading, s) => {
        checkEstimate(meanOf(reading, s), s.min * s.step, s.max * s.step);
        checkEstimate(sumOf(reading, s), -Number.MAX_VALUE, Number.MAX_VALUE);
        const range = (s.max - s.min) * s.step;
        checkEstimate(varianceOf(reading, s), 0, (range * range) / 2);
      }),
      { numRuns: 1000 },
    );
  });
  test('proportion', () => {
    fc.assert(
      fc.property(total, total, variance, variance, (yes, no, a, b) => {
        checkEstimate(proportionOf({ values: [yes, no], noise: [a, b] }), 0, 1);
      }),
      { numRuns: 800 },
    );
  });
});

test('nothing is known of an empty cell: the whole range', () => {
  const s: Scale = { min: 30, max: 200, step: 0.1 };
  for (const values of [
    [0, 0, 0],
    [-500, 100, 7],
    [300, -200, 0],
  ]) {
    const reading = { values, noise: [1e6, 1e6, 1e9] };
    deepStrictEqual(meanOf(reading, s).interval, [3, 20]);
    const [low, high] = varianceOf(reading, s).interval;
    ok(low === 0 && Math.abs(high - (17 * 17) / 4) < 1e-12);
  }
  deepStrictEqual(meanOf({ values: [-5, 2, 0], noise: [9, 9, 9] }, s).value, 11.5);
  deepStrictEqual(proportionOf({ values: [-5, 2], noise: [9, 9] }), {
    value: 0.5,
    interval: [0, 1],
    noise: 0.5,
    count: -3,
  });
});

describe('expected noise is an upper bound for any data of that size', () => {
  const column = fc
    .record({
      min: fc.integer({ min: -50, max: 50 }),
      range: fc.integer({ min: 1, max: 60 }),
      step: fc.constantFrom(1, 0.5),
    })
    .chain(({ min, range, step }) =>
      fc.record({
        scale: fc.constant({ min, max: min + range, step }),
        values: fc.array(
          fc.oneof(fc.constantFrom(min, min + range), fc.integer({ min, max: min + range })),
          { minLength: 1, maxLength: 60 },
        ),
      }),
    );
  const sigma = fc.constantFrom(0.3, 1, 3, 8);
  const atMost = (actual: number, bound: number): void =>
    ok(actual <= bound * (1 + 1e-9), `${actual} above ${bound}`);

  test('mean, sum, variance', () => {
    fc.assert(
      fc.property(column, sigma, ({ scale: s, values }, sd) => {
        const range = s.max - s.min;
        const v = sd * sd * range * range;
        const reading = {
          values: momentSums(values, s.min, s.max),
          noise: [v, v, (v * range * range) / 8],
        };
        atMost(meanOf(reading, s).noise, expectedMeanNoise(v, s, values.length));
        atMost(sumOf(reading, s).noise, expectedSumNoise(v, s));
        atMost(varianceOf(reading, s).noise, expectedVarianceNoise(v, s, values.length));
      }),
      { numRuns: 800 },
    );
  });
  test('proportion, for every split of n', () => {
    for (const n of [1, 5, 40, 300]) {
      for (const v of [0.25, 4, 100]) {
        for (let yes = 0; yes <= n; yes++) {
          atMost(proportionOf(quiet([yes, n - yes], v)).noise, expectedProportionNoise(v, n));
        }
      }
    }
  });
  test('and is reached at a bound', () => {
    const s: Scale = { min: 0, max: 50, step: 1 };
    const reading = quiet(momentSums(Array<number>(4000).fill(50), 0, 50), 2500);
    ok(meanOf(reading, s).noise > 0.97 * expectedMeanNoise(2500, s, 4000));
    ok(proportionOf(quiet([0, 4000], 25)).noise > 0.97 * expectedProportionNoise(25, 4000));
  });
});

test('refusals', () => {
  const good = quiet([1, 2, 3]);
  const s: Scale = { min: 0, max: 10, step: 1 };
  for (const [reading, bad] of [
    [quiet([1, 2]), s],
    [quiet([1, 2, 0.5]), s],
    [quiet([1, 2, Infinity]), s],
    [quiet([1, 2, 3], 0), s],
    [quiet([1, 2, 3], Number.NaN), s],
    [{ values: [1, 2, 3], noise: [1, 1] }, s],
    [good, { ...s, max: 0 }],
    [good, { ...s, min: 0.5 }],
    [good, { ...s, min: -(2 ** 53) }],
    [good, { ...s, step: 0 }],
    [good, { ...s, step: Infinity }],
  ] as const) {
    for (const measure of [meanOf, sumOf, varianceOf]) {
      throws(() => measure(reading, bad), refusal('INVALID_PARAMETER'));
    }
  }
  throws(() => proportionOf(good), refusal('INVALID_PARAMETER'));
});
