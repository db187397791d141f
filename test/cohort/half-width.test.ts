/**
 * The other way round for every measure: the price of a wanted half-width has it, and a price a little lower does
 * not. Half-widths to ask for are those of a price of 1/100, or less.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { widestOf } from '../../src/cohort/expected-width.ts';
import { MEASURE_KINDS } from '../../src/cohort/measure/kinds.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { price } from '../../src/cohort/price.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { refused } from '../support/refused.ts';
import { exampleSection, terms } from './terms.ts';

const section = {
  ...exampleSection(),
  rowsPerPerson: 1,
  columns: {
    ...exampleSection().columns,
    months: { type: 'integer', min: 0, max: 120, unit: 'mo' },
    died: { type: 'integer', min: 0, max: 1 },
  } as Record<string, Json>,
};
const OLD: Json = { column: 'age', ge: 65 };
const DEAD: Json = { column: 'died', eq: 1 };
const GRID = [0, 6, 12, 24];
const MEASURES: Record<string, Json> = {
  count: true,
  sum: 'age',
  mean: 'age',
  proportion: OLD,
  variance: 'age',
  histogram: 'sex',
  survival: { time: 'months', event: 'died', grid: GRID },
  quantiles: { column: 'age', at: [0.5] },
  distribution: { column: 'age', at: [60] },
  table: { rows: 'sex', columns: { name: 'old', when: OLD } },
  standardised: { proportion: DEAD, age: 'age', population: 'esp-2013', ages: [0, 40, 60] },
  trend: { by: { column: 'visit', bins: ['2018-01-01', '2019-01-01', '2020-01-01'] } },
  incidence: { time: 'months', causes: [{ name: 'd', when: DEAD }], grid: GRID },
  linear: { outcome: 'months', on: ['age'] },
  logistic: { outcome: DEAD, on: ['sex'] },
  hazards: { time: 'months', event: 'died', on: ['sex'], grid: GRID },
};

const compile = (measure: Json, more: Record<string, Json>): Plan =>
  compileQuery(terms(section, { operations: [...OPERATIONS] }), {
    format: 'kakehashi/query/1',
    measures: [measure],
    ...more,
  });

/** Of the cells asked for: those by holder where there are any, else pooled ones. */
function widthOf(plan: Plan): number {
  const [own] = price(plan).perMeasure;
  if (own === undefined) throw new Error('no measure');
  const { byHolder, pooled } = own.expected;
  const parts = own.parts.map((part) => ({
    ...part,
    noise: plan.split ? (part.byHolder ?? null) : part.pooled,
  }));
  return widestOf({ cell: plan.split ? byHolder : pooled, parts });
}

describe('a wanted half-width', () => {
  test('every measure that has one is here', () => {
    // What is chosen inside one holder has none (test/cohort/inside.test.ts).
    const none = ['image', 'top', 'keys'];
    const kinds = MEASURE_KINDS.map(({ key }) => key as string);
    deepStrictEqual(
      kinds.filter((key) => !none.includes(key) && !(key in MEASURES)),
      [],
    );
  });

  for (const [kind, what] of Object.entries(MEASURES)) {
    for (const groupBy of [[], ['holder']]) {
      test(`${kind}${groupBy.length > 0 ? ' by holder' : ''}`, () => {
        const measure = { name: 'm', [kind]: what };
        // Of many people a quantile has no noise to the year until it is next to free.
        const rho = kind === 'quantiles' ? Rational.of(1, 100_000) : Rational.of(1, 100);
        const wanted = widthOf(compile(measure, { groupBy, rho: rho.toString() }));
        ok(Number.isFinite(wanted) && wanted > 0, `${wanted}`);
        const plan = compile(measure, { groupBy, halfWidth: wanted });
        ok(widthOf(plan) <= wanted);
        // Not much more than the price it came from: the law is rounded to whole variances.
        ok(plan.rho.toNumber() < 1.15 * rho.toNumber(), plan.rho.toString());
        const tighter = compile(measure, { groupBy, halfWidth: wanted / 2 });
        ok(widthOf(tighter) <= wanted / 2);
        // Half the noise is four times the price, about; a median moves by whole years.
        ok(rho.times(Rational.of(3, 2)).atMost(tighter.rho), tighter.rho.toString());
      });
    }
  }

  test('a half-width that no price has', () => {
    deepStrictEqual(
      refused(() => compile({ name: 'm', mean: 'age' }, { halfWidth: 1e-9 })),
      ['/halfWidth HALF_WIDTH_OUT_OF_REACH'],
    );
  });
});
