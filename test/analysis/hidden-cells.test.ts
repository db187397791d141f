/**
 * What is shown of a hidden cell says nothing of its values: any two vectors whose cell is hidden
 * give the same cell.
 */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ReleaseCell } from '../../src/analysis/released.ts';
import { shownCurve, shownIncidence } from '../../src/analysis/release-item.ts';
import { releaseTables, type TableShape } from '../../src/analysis/release-table.ts';
import type { TableMeasure } from '../../src/analysis/table-measure.ts';
import { varianceOf } from '../../src/analysis/measure/variance.ts';
import { Rational } from '../../src/base/rational.ts';

const WIDTH = 100;
const scale = { min: 0, max: WIDTH, step: 1 };
const sums = Rational.of(WIDTH * WIDTH);
const products = sums.times(Rational.of(WIDTH * WIDTH, 8));

const shapeOf = (
  measure: TableMeasure,
  holders: readonly string[],
  split: boolean,
): TableShape => ({
  dimensions: [],
  blocks: [
    {
      runs:
        measure.kind === 'proportion'
          ? [{ components: 2, variance: Rational.of(4) }]
          : [
              { components: 2, variance: sums },
              { components: 1, variance: products },
            ],
    },
  ],
  measures: [measure],
  holders,
  split,
  cells: 1,
  minimumCell: 10,
});

const cell = (measure: TableMeasure, values: readonly number[]): ReleaseCell | undefined =>
  releaseTables(shapeOf(measure, ['lu'], false), BigInt64Array.from(values, BigInt)).cells[0];

test('a curve and a cumulative incidence end where fewer are at risk than the minimum', () => {
  const [base, unit] = [{ group: {}, measure: 'm', suppressed: false }, 'a'];
  const points = [12, 10, 9.5].map((atRisk, time) => ({ time, atRisk }));
  const curve = { points, median: null, rmst: null, count: 12 };
  const shown = [
    shownCurve(base, { kind: 'curve', extra: {}, unit, curve } as never, 10),
    shownIncidence(base, { kind: 'incidence', cause: 'c', unit, points, count: 12 } as never, 10),
  ];
  for (const { points: own } of shown) {
    deepStrictEqual(
      own.map(({ atRisk }) => atRisk),
      [12, 10],
    );
  }
});

describe('a hidden cell is the same whatever it hides', () => {
  const measures: [TableMeasure, number[], number[], number[], number[]][] = [
    [{ kind: 'proportion', name: 'm', block: 0 }, [1, 6], [5, 3], [20, 30], [30, 20]],
    ...(['sum', 'mean', 'variance'] as const).map(
      (kind): [TableMeasure, number[], number[], number[], number[]] => [
        { kind, name: 'm', block: 0, scale, unit: '%' },
        [100, 500, 4000],
        [600, 300, 9000],
        [2000, 3000, 90_000],
        [3000, 2000, 60_000],
      ],
    ),
  ];
  test.each(measures)('$kind', (measure, one, other, shown, alsoShown) => {
    const hidden = cell(measure, one);
    ok(hidden?.suppressed);
    deepStrictEqual(cell(measure, other), hidden);
    // Control: cells that are shown differ.
    notDeepStrictEqual(cell(measure, shown), cell(measure, alsoShown));
  });
});

test('the noise of a variance reaches the variance of any cohort where the count is hidden', () => {
  // Six people at each bound: sample variance D²/4·12/11. Noise left a count of one.
  const cohort = ((WIDTH * WIDTH) / 4) * (12 / 11);
  const { value, noise } = varianceOf({ values: [50, 50, 0], noise: [4e6, 4e6, 4e10] }, scale);
  ok(Math.abs(value - cohort) <= noise, `${value} ± ${noise}, cohort ${cohort}`);
});
