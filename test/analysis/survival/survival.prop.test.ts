/**
 * Any integers at all as noised exits: every curve is a curve, every interval holds its value,
 * nothing is NaN and nothing throws. And the parts against slow twins: pool adjacent violators by
 * its min-max formula, the delta method by finite differences, the quadratic form by elimination.
 */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  type Curve,
  expectedSurvivalNoise,
  survivalOf,
} from '../../../src/analysis/measure/survival.ts';
import { noiseOfSums, noiseOfWeightedSum } from '../../../src/analysis/survival/exit-noise.ts';
import { nonDecreasing, nonIncreasing } from '../../../src/analysis/survival/isotonic.ts';
import { squaredDistance } from '../../../src/analysis/survival/linear-solve.ts';
import { riskTables } from '../../../src/analysis/survival/risk-table.ts';
import { refusal } from '../../support/refusal.ts';
import { quiet, unitGrid } from '../tables.ts';

const count = fc.oneof(
  fc.integer({ min: -30, max: 200 }),
  fc.constantFrom(0, 1, -1, 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const variance = fc.constantFrom(1e-18, 0.25, 4, 100, 1e6, 1e30);
const study = fc
  .record({ arms: fc.integer({ min: 1, max: 4 }), intervals: fc.integer({ min: 1, max: 9 }) })
  .chain(({ arms, intervals }) => {
    const size = arms * (2 * intervals + 1);
    const values = fc.array(count, { minLength: size, maxLength: size });
    const noise = fc.array(variance, { minLength: size, maxLength: size });
    return fc.record({
      arms: fc.constant(arms),
      grid: fc.constant(unitGrid(intervals, 0.5)),
      reading: fc.record({ values, noise }),
    });
  });

const holds = ([low, high]: readonly [number, number], value: number): boolean =>
  low <= value && value <= high;

function checkCurve({ points, median, rmst }: Curve): void {
  let last = { survival: 1, hazard: 0, atRisk: Infinity };
  for (const point of points) {
    const { survival, interval, atRisk, events, hazard, hazardInterval, noise } = point;
    ok(
      survival >= 0 && survival <= last.survival && hazard >= last.hazard && atRisk <= last.atRisk,
    );
    ok(atRisk >= 0 && events >= 0 && events <= atRisk);
    ok(holds(interval, survival) && interval[0] >= 0 && interval[1] <= 1);
    ok(holds([hazardInterval[0], hazardInterval[1] ?? Infinity], hazard) && hazardInterval[0] >= 0);
    ok(noise >= 0 && noise <= 1);
    last = point;
  }
  const [low, high] = median.interval;
  ok(
    median.value === null
      ? high === null
      : low !== null && holds([low, high ?? Infinity], median.value),
  );
  ok(
    holds(rmst.interval, rmst.value) &&
      rmst.interval[0] >= 0 &&
      rmst.interval[1] <= rmst.until &&
      rmst.noise >= 0,
  );
}

describe('any integers', () => {
  test('give valid curves and tests', () => {
    fc.assert(
      fc.property(study, ({ arms, grid, reading }) => {
        const { curves, tests } = survivalOf(reading, grid, arms);
        deepStrictEqual(curves.length, arms);
        curves.forEach(checkCurve);
        for (const { chi2, df, p } of tests)
          ok(chi2 >= 0 && df >= 0 && df < arms && p >= 0 && p <= 1);
        JSON.stringify({ curves, tests }, (_, value: unknown) => {
          ok(typeof value !== 'number' || Number.isFinite(value));
          return value;
        });
      }),
      { numRuns: 400 },
    );
  });
  test('refusals', () => {
    for (const [reading, grid, arms] of [
      [quiet([1, 2, 3]), [0, 1, 2], 1],
      [quiet([1, 2, 3]), [0], 1],
      [quiet([1, 2, 3]), [0, 0], 1],
      [quiet([1, 2, 3]), [1, 0], 1],
      [quiet([1, 2, 3]), [0, Infinity], 1],
      [quiet([1, 2, 3]), [0, 1], 2],
      [quiet([1, 2, 3]), [0, 1], 0],
      [quiet([1, 2.5, 3]), [0, 1], 1],
      [quiet([1, 2, 3], 0), [0, 1], 1],
      [{ values: [1, 2, 3], noise: [1, 1] }, [0, 1], 1],
    ] as const) {
      throws(() => survivalOf(reading, grid, arms), refusal('INVALID_PARAMETER'));
    }
  });
});

describe('the fitted table', () => {
  const table = fc
    .array(fc.nat(40), { minLength: 3, maxLength: 21 })
    .map((v) => (v.length % 2 ? v : v.slice(1)));
  test('a table without noise comes back as it is', () => {
    fc.assert(
      fc.property(table, (values) => {
        const intervals = (values.length - 1) / 2;
        const [fit] = riskTables(quiet(values), 1, intervals);
        let left = values.reduce((sum, v) => sum + v, 0);
        for (let i = 0; i < intervals; i++) {
          deepStrictEqual([fit!.atRisk[i], fit!.events[i]], [left, values[2 * i]]);
          left -= values[2 * i]! + values[2 * i + 1]!;
        }
      }),
    );
  });
  test('isotonic: the min-max formula', () => {
    const pairs = fc.array(
      fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pairs, (list) => {
        const [values, weights] = [list.map(([v]) => v), list.map(([, w]) => w)];
        const mean = (a: number, b: number): number => {
          const part = list.slice(a, b + 1);
          return part.reduce((s, [v, w]) => s + v * w, 0) / part.reduce((s, [, w]) => s + w, 0);
        };
        const slow = list.map((_, i) =>
          Math.max(
            ...list
              .slice(0, i + 1)
              .map((_, a) => Math.min(...list.slice(i).map((_, b) => mean(a, i + b)))),
          ),
        );
        nonDecreasing(values, weights).forEach((x, i) => ok(Math.abs(x - slow[i]!) < 1e-9));
        const mirrored = nonDecreasing(
          values.map((v) => -v),
          weights,
        ).map((v) => -v);
        nonIncreasing(values, weights).forEach((x, i) => ok(Math.abs(x - mirrored[i]!) < 1e-9));
      }),
    );
  });
});

describe('the delta method', () => {
  const exits = fc
    .array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 17 })
    .map((v) => (v.length % 2 ? v : v.slice(1)));
  test('against finite differences of log S and its weighted sum', () => {
    fc.assert(
      fc.property(exits, (values) => {
        const m = (values.length - 1) / 2;
        const noise = values.map((_, i) => 1 + (i % 3));
        const fall = (x: readonly number[]): number[] => {
          let sum = 0;
          return Array.from({ length: m }, (_, i) => {
            const n = x.slice(2 * i).reduce((s, v) => s + v, 0);
            return (sum += Math.log(1 - x[2 * i]! / n));
          });
        };
        const weights = Array.from({ length: m }, (_, i) => 1 + i);
        const [table] = riskTables({ values, noise }, 1, m);
        const slopes = table!.atRisk.map((n, i) => ({
          atRisk: table!.events[i]! / n / (n - table!.events[i]!),
          event: -1 / (n - table!.events[i]!),
        }));
        const step = 1e-5;
        const expected = Array<number>(m).fill(0);
        let weighted = 0;
        values.forEach((_, c) => {
          const moved = (by: number): number[] =>
            fall(values.map((v, i) => (i === c ? v + by : v)));
          const [up, down] = [moved(step), moved(-step)];
          const slope = up.map((u, j) => (u - down[j]!) / (2 * step));
          slope.forEach((s, j) => (expected[j]! += noise[c]! * s * s));
          weighted += noise[c]! * slope.reduce((s, v, j) => s + v * weights[j]!, 0) ** 2;
        });
        noiseOfSums(slopes, table!.noise).forEach((v, j) =>
          ok(Math.abs(v - expected[j]!) <= 1e-6 * (v + 1e-6)),
        );
        const whole = noiseOfWeightedSum(slopes, weights, table!.noise);
        ok(Math.abs(whole - weighted) <= 1e-6 * whole);
      }),
      { numRuns: 60 },
    );
  });
  test('the quadratic form, also of a singular matrix', () => {
    deepStrictEqual(
      squaredDistance(
        [
          [4, 2],
          [2, 5],
        ],
        [2, 1],
      ),
      { square: 1, rank: 2 },
    );
    deepStrictEqual(
      squaredDistance(
        [
          [4, 2],
          [2, 1],
        ],
        [2, 1],
      ),
      { square: 1, rank: 1 },
    );
    deepStrictEqual(squaredDistance([[0]], [0]), { square: 0, rank: 0 });
    deepStrictEqual(squaredDistance([], []), { square: 0, rank: 0 });
  });
});

test('log-rank: the order of the arms, and so the arm left out, does not matter', () => {
  const arm = fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(fc.array(arm, { minLength: 2, maxLength: 5 }), (arms) => {
      const of = (list: readonly (readonly number[])[]) =>
        survivalOf(quiet(list.flat(), 0.5), unitGrid(3), list.length).tests;
      const turned = of([...arms.slice(1), ...arms.slice(0, 1)]);
      of(arms).forEach(({ chi2, df, p }, i) => {
        const other = turned[i]!;
        deepStrictEqual(df, other.df);
        ok(Math.abs(chi2 - other.chi2) <= 1e-9 * (1 + chi2) && Math.abs(p - other.p) <= 1e-9);
      });
    }),
  );
});

test('expected noise: an upper bound of what curves state while that many are left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 3, maxLength: 13 }),
      fc.integer({ min: 100, max: 400 }),
      fc.constantFrom(1, 9, 25),
      (drawn, beyond, variance) => {
        const exits = drawn.length % 2 ? drawn.slice(1) : drawn;
        const intervals = exits.length / 2;
        const { curves } = survivalOf(quiet([...exits, beyond], variance), unitGrid(intervals), 1);
        for (const { atRisk, events, noise } of curves[0]!.points) {
          const bound = expectedSurvivalNoise(variance, intervals, atRisk - events);
          ok(
            noise <= bound * (1 + 1e-12) || atRisk < 8 * Math.sqrt(variance * (2 * intervals + 1)),
          );
        }
      },
    ),
  );
  deepStrictEqual([expectedSurvivalNoise(4, 3, 0), expectedSurvivalNoise(4, 3, 1)], [1, 1]);
});
