/**
 * No small value can be computed from what is shown. The attacker knows every shown value, that pooled =
 * Σ holders, and the totals over bins, rows and columns. Whether a value follows is decided here by exact
 * rational elimination on all unknowns, which shares nothing with determined.ts.
 */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import {
  type Hidden,
  isSmall,
  suppressed,
  type Values,
} from '../../../src/analysis/disclosure/suppression.ts';
import { refusal } from '../../support/refusal.ts';

/** Unknowns that every solution agrees on: those in whose direction the null space has nothing. */
function recovered({ sizes, totals }: Values, hidden: Hidden): string[] {
  const names = hidden.flatMap((row, s) => row.flatMap((rule, p) => (rule ? [`${s}.${p}`] : [])));
  const column = new Map(names.map((name, i) => [name, i]));
  const row = (terms: readonly (readonly [string, number])[]): Rational[] => {
    const own = names.map(() => Rational.ZERO);
    for (const [name, sign] of terms) {
      const at = column.get(name);
      if (at !== undefined) own[at] = Rational.of(sign);
    }
    return own;
  };
  const parts = sizes[0]!.map((_, p) => p);
  const last = sizes.length - 1;
  const rows = [
    ...(last > 0
      ? parts.map((p) => row(sizes.map((_, s) => [`${s}.${p}`, s === last ? -1 : 1] as const)))
      : []),
    ...totals.flatMap((own) => sizes.map((_, s) => row(own.map((p) => [`${s}.${p}`, 1] as const)))),
  ];
  // Reduced row echelon form over the fractions.
  let rank = 0;
  names.forEach((_, c) => {
    const at = rows.findIndex((own, r) => r >= rank && !own[c]!.isZero());
    if (at < 0) return;
    [rows[rank], rows[at]] = [rows[at]!, rows[rank]!];
    const pivot = rows[rank]![c]!;
    rows[rank] = rows[rank]!.map((value) => value.dividedBy(pivot));
    rows.forEach((own, r) => {
      const factor = own[c]!;
      if (r !== rank && !factor.isZero()) {
        rows[r] = own.map((value, k) => value.minus(factor.times(rows[rank]![k]!)));
      }
    });
    rank += 1;
  });
  return rows
    .slice(0, rank)
    .filter((own) => own.filter((value) => !value.isZero()).length === 1)
    .map((own) => names[own.findIndex((value) => !value.isZero())]!);
}

const withPooled = (holders: readonly (readonly number[])[]): number[][] => [
  ...holders.map((own) => [...own]),
  holders[0]!.map((_, p) => holders.reduce((sum, own) => sum + own[p]!, 0)),
];

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 90 }) },
  { weight: 1, arbitrary: fc.integer({ min: -20, max: 9 }) },
);
const rectangle = (rows: fc.Arbitrary<number>, columns: fc.Arbitrary<number>) =>
  fc
    .tuple(rows, columns)
    .chain(([r, c]) =>
      fc.array(fc.array(value, { minLength: c, maxLength: c }), { minLength: r, maxLength: r }),
    );
const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** One value a holder; bins with a total; a table with totals of rows and columns. Split or not. */
const places: fc.Arbitrary<Values> = fc.oneof(
  rectangle(fc.integer({ min: 1, max: 4 }), fc.constant(1)).map((holders) => ({
    sizes: withPooled(holders),
    totals: [],
  })),
  rectangle(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 5 })).map((holders) => ({
    sizes: withPooled(holders),
    totals: [all(holders[0]!.length)],
  })),
  rectangle(fc.constant(1), fc.integer({ min: 2, max: 6 })).map((sizes) => ({
    sizes,
    totals: [all(sizes[0]!.length)],
  })),
  rectangle(fc.integer({ min: 1, max: 2 }), fc.constant(6)).map((holders) => ({
    sizes: withPooled(holders),
    totals: [
      [0, 1, 2],
      [3, 4, 5],
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  })),
);

const MINIMUM = 10;

/** Small values that are computed although nothing more could be hidden: their total is itself told. */
function exhausted({ sizes, totals }: Values, hidden: Hidden, name: string): boolean {
  const [source = 0, part = 0] = name.split('.').map(Number);
  return (
    hidden.every((row) => row[part] !== undefined) &&
    totals
      .filter((own) => own.includes(part))
      .every((own) => own.every((p) => hidden[source]![p])) &&
    sizes.length > 0
  );
}

describe('suppression', () => {
  test('hides every small value and determines none of them', () => {
    fc.assert(
      fc.property(places, (values) => {
        const hidden = suppressed(values, MINIMUM);
        const open = new Set(recovered(values, hidden));
        values.sizes.forEach((row, s) =>
          row.forEach((size, p) => {
            equal(hidden[s]![p] === 'minimum-cell', size < MINIMUM);
            if (size >= MINIMUM) return;
            const name = `${s}.${p}`;
            ok(!open.has(name) || exhausted(values, hidden, name), `${name} is recovered`);
          }),
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('nothing is hidden where nothing is small', () => {
    fc.assert(
      fc.property(places, ({ sizes, totals }) => {
        const raised = { sizes: sizes.map((row) => row.map((v) => Math.max(v, MINIMUM))), totals };
        ok(
          suppressed(raised, MINIMUM)
            .flat()
            .every((rule) => rule === undefined),
        );
      }),
    );
  });

  test('control: the first rule alone gives values away, and the attacker finds them', () => {
    const values = { sizes: withPooled([[5, 40, 30]]).slice(0, 1), totals: [[0, 1, 2]] };
    const rules: Hidden = [['minimum-cell', undefined, undefined]];
    deepEqual(recovered(values, rules), ['0.0']);
    deepEqual(suppressed(values, MINIMUM), [['minimum-cell', undefined, 'complementary']]);
  });

  test('two hidden in every line are not enough: a bridge between two cycles is found', () => {
    // Rows and columns of a table; the middle cell ties two squares together.
    const sizes = [
      [5, 5, 50, 50, 50],
      [5, 5, 5, 50, 50],
      [50, 50, 50, 5, 5],
      [50, 50, 5, 5, 5],
    ];
    const totals = [
      ...sizes.map((row, r) => row.map((_, c) => r * 5 + c)),
      ...all(5).map((c) => sizes.map((_, r) => r * 5 + c)),
    ];
    const values = { sizes: [sizes.flat()], totals };
    const first: Hidden = [sizes.flat().map((size) => (size < 10 ? 'minimum-cell' : undefined))];
    ok(recovered(values, first).length > 0);
    const hidden = suppressed(values, 10);
    ok(recovered(values, hidden).length === 0);
  });

  test('by example, two holders and a minimum of 10', () => {
    const one = (holders: readonly number[], minimum = 10): boolean[] =>
      suppressed({ sizes: withPooled(holders.map((v) => [v])), totals: [] }, minimum).map(
        ([rule]) => rule !== undefined,
      );
    deepEqual(one([5, 20]), [true, false, true]);
    deepEqual(one([5, 7]), [true, true, false]);
    deepEqual(one([-5, 7]), [true, true, true]);
    deepEqual(one([10, 10]), [false, false, false]);
    deepEqual(one([-5, 7], 0), [false, false, false]);
  });

  test('a hidden count takes the other measures of its cell with it, and says why', () => {
    const hidden = suppressed({ sizes: [[50], [60], [110]], totals: [] }, 10, [true, false, false]);
    deepEqual(hidden, [['same-rows'], [undefined], ['complementary']]);
  });

  test('refuses a minimum that is not a count', () => {
    for (const bad of [-1, 0.5, Number.NaN]) {
      throws(() => isSmall(1, bad), refusal('INVALID_PARAMETER'));
      throws(() => suppressed({ sizes: [[1]], totals: [] }, bad), refusal('INVALID_PARAMETER'));
    }
  });
});
