import { deepEqual, equal, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { countInterval, noiseHalfWidth } from '../../src/analysis/interval.ts';
import { groupOf, releaseTables, type TableShape } from '../../src/analysis/release-table.ts';
import type { TableMeasure } from '../../src/analysis/table-measure.ts';
import { Rational } from '../../src/base/rational.ts';
import { refusal } from '../support/refusal.ts';

const variance = Rational.of(25);
const people: TableMeasure = { kind: 'count', name: 'people', block: 0 };
const shape: TableShape = {
  dimensions: [
    { column: 'sex', labels: ['F', 'M'] },
    { column: 'age', labels: ['0-39', '40+'] },
  ],
  blocks: [{ runs: [{ components: 1, variance }] }],
  measures: [people],
  holders: ['jp', 'lu'],
  split: false,
  cells: 9,
  minimumCell: 10,
};

describe('unsplit', () => {
  const slots = BigInt64Array.from({ length: 9 }, (_, i) => BigInt(100 * i));
  const { cells } = releaseTables(shape, slots);
  test('one pooled cell for each slot, row-major, null last on every axis', () => {
    equal(cells.length, 9);
    deepEqual(
      cells.map(({ group }) => [group['sex'], group['age']]),
      ['F', 'M', null].flatMap((sex) => ['0-39', '40+', null].map((age) => [sex, age])),
    );
    deepEqual(
      cells.slice(1).map(({ value }) => value),
      [100, 200, 300, 400, 500, 600, 700, 800],
    );
  });
  test('noise and intervals of the sum of all shares; no holder in a group', () => {
    deepEqual(cells[3], {
      group: { sex: 'M', age: '0-39' },
      measure: 'people',
      value: 300,
      unit: '1',
      interval: countInterval(300, 50),
      noise: noiseHalfWidth(variance, 2),
      suppressed: false,
    });
  });
  test('a small noised value is not shown, its noise is', () => {
    deepEqual(cells[0], {
      group: { sex: 'F', age: '0-39' },
      measure: 'people',
      value: null,
      unit: '1',
      interval: null,
      noise: noiseHalfWidth(variance, 2),
      suppressed: true,
    });
  });
});

describe('split', () => {
  const split: TableShape = {
    ...shape,
    split: true,
    dimensions: [{ column: 'sex', labels: ['F', 'M'] }],
    cells: 3,
    measures: [people, { ...people, name: 'again' }],
  };
  const { cells } = releaseTables(split, BigInt64Array.from([100n, 4n, -2n, 50n, 30n, 3n]));
  const seen = cells.map(({ group, value }) => [group['holder'] ?? 'all', group['sex'], value]);

  test('holders in order, then sums; a lone small holder cell takes the pooled one along', () => {
    deepEqual(seen.slice(0, 9), [
      ['jp', 'F', 100],
      ['jp', 'M', null],
      ['jp', null, null],
      ['lu', 'F', 50],
      ['lu', 'M', 30],
      ['lu', null, null],
      ['all', 'F', 150],
      ['all', 'M', null],
      ['all', null, null],
    ]);
  });
  test('one share by holder, n shares pooled', () => {
    const laws = [cells[0], cells[6]].map((cell) => [cell?.noise, cell?.interval]);
    deepEqual(laws, [
      [noiseHalfWidth(variance, 1), countInterval(100, 25)],
      [noiseHalfWidth(variance, 2), countInterval(150, 50)],
    ]);
  });
  test('every count measure has the same cells under its name', () => {
    equal(cells.length, 18);
    deepEqual(
      cells.slice(9).map((cell) => ({ ...cell, measure: 'people' })),
      cells.slice(0, 9),
    );
    equal(cells[9]?.measure, 'again');
  });
  test('minimumCell 0 shows everything, negative values too', () => {
    const { cells: open } = releaseTables(
      { ...split, minimumCell: 0 },
      BigInt64Array.from([1n, 4n, -2n, 0n, 0n, -3n]),
    );
    deepEqual(
      open.slice(0, 9).map(({ value }) => value),
      [1, 4, -2, 0, 0, -3, 1, 4, -5],
    );
    equal(
      open.some(({ suppressed }) => suppressed),
      false,
    );
  });
});

test('no dimensions: one cell with an empty group', () => {
  const single = { ...shape, dimensions: [], cells: 1 };
  deepEqual(releaseTables(single, BigInt64Array.of(77n)).cells[0]?.group, {});
  deepEqual(groupOf([], 0), {});
});

test('refusals', () => {
  const invalid = refusal('INVALID_PARAMETER');
  const slots = new BigInt64Array(9);
  throws(() => releaseTables(shape, new BigInt64Array(8)), invalid);
  throws(() => releaseTables({ ...shape, split: true }, slots), invalid);
  throws(() => releaseTables({ ...shape, cells: 8 }, new BigInt64Array(8)), invalid);
  throws(() => releaseTables({ ...shape, holders: [] }, slots), invalid);
  throws(() => releaseTables({ ...shape, measures: [] }, slots), invalid);
  throws(() => releaseTables({ ...shape, minimumCell: -1 }, slots), invalid);
  for (const column of ['holder', 'sex']) {
    const dimensions = [
      { column: 'sex', labels: ['F', 'M'] },
      { column, labels: ['a', 'b'] },
    ];
    throws(() => releaseTables({ ...shape, dimensions }, slots), invalid);
  }
  const wide = BigInt64Array.from({ length: 9 }, () => 1n << 53n);
  throws(() => releaseTables(shape, wide), refusal('PLAINTEXT_RANGE'));
});
