/** Linked queries: who does what follows from where the columns are; the plan, its price, and every refusal. */
import { deepStrictEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import { plainJson, planDigest } from '../../src/cohort/plan-digest.ts';
import { price } from '../../src/cohort/price.ts';
import { parseQuery, type StudyTerms } from '../../src/cohort/query.ts';
import { queryKey, splitKey } from '../../src/cohort/normal-form.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { rhoOfPure } from '../../src/dp/accountant/zcdp.ts';
import { present, refused } from '../support/refused.ts';

const HOLDERS = ['jp', 'lu'];
const section = {
  person: 'participant',
  rowsPerPerson: 5,
  cellsPerPerson: 5,
  declaredSize: { lu: 3000, jp: 2000, kr: 100 },
  nulls: [''],
  held: { lu: ['arm', 'age'], jp: ['hba1c', 'visit', 'age', 'cost'], kr: ['hba1c'] },
  columns: {
    arm: { type: 'category', domain: ['meter', 'sensor'] },
    age: { type: 'integer', min: 18, max: 110 },
    hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
    visit: { type: 'date', min: '2020-01-01', max: '2025-12-31' },
    cost: { type: 'integer', min: 0, max: 200_000 },
  },
};

function termsOf(holders: readonly string[] = HOLDERS): StudyTerms {
  const among = <T>(record: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => holders.includes(name)));
  const own = { declaredSize: among(section.declaredSize), held: among(section.held) };
  return {
    study: 'ab'.repeat(32),
    holders,
    honestHolders: 2,
    cohort: parseCohortSection({ ...section, ...own }, holders),
    operations: ['count', 'mean', 'proportion', 'sum'],
    minimumCell: 10,
    linkage: {
      outputs: ['aggregate', 'set'],
      disclosures: 3,
      cardinality: { epsilon: Rational.of(1, 2), delta: Rational.of(1, 10_000_000) },
    },
  };
}

const linked = (change: Record<string, unknown> = {}): Json =>
  present({
    format: 'kakehashi/linked-query/1',
    where: {
      all: [
        { column: 'arm', in: ['sensor'] },
        { column: 'hba1c', lt: 12 },
      ],
    },
    per: { pick: 'latest', by: 'visit' },
    groupBy: ['arm'],
    measures: [
      { name: 'people', count: true },
      { name: 'HbA1c', mean: 'hba1c' },
    ],
    rho: '1/10',
    ...change,
  }) as Record<string, Json>;

const planOf = (change: Record<string, unknown> = {}, terms = termsOf()) =>
  compileQuery(terms, linked(change));

describe('plan of a linked query', () => {
  const plan = planOf();

  test('groups, values, filters and choices of a row are where their columns are', () => {
    const { link } = plan;
    ok(link !== undefined);
    deepStrictEqual(link.holders, { groups: 'lu', values: 'jp' });
    deepStrictEqual(link.per.groups.pick, 'any');
    deepStrictEqual(link.per.values, { pick: 'max', by: 'visit', window: undefined });
    const { groups, values } = link.where;
    const text = (predicate: unknown): string => JSON.stringify(plainJson(predicate));
    ok(text(groups).includes('arm') && !text(groups).includes('hba1c'));
    ok(text(values).includes('hba1c') && !text(values).includes('arm'));
    // Without a filter nothing is compared, and one row of a person counts all the same.
    const plain = planOf({ where: undefined, per: undefined });
    deepStrictEqual(plain.link?.where, { groups: undefined, values: undefined });
    equal(plain.rowsPerPerson, 1);
  });

  test('noise is that of one pair with full shares, and the cardinality is charged on top', () => {
    const half = Rational.of(1, 20);
    // A count moves by 1, both sums of a mean by the width together: 170 steps.
    deepStrictEqual(
      plan.blocks.map(({ rho, runs }) => [rho, runs[0]?.variance]),
      [
        [half, Rational.of(10)],
        [half, Rational.of(170 * 170 * 10)],
      ],
    );
    deepStrictEqual(plan.rho, Rational.of(1, 10).plus(rhoOfPure(Rational.of(1, 2))));
    const { rho, delta, perMeasure } = price(plan);
    deepStrictEqual([rho, delta], [plan.rho, plan.link?.dummies.delta]);
    deepStrictEqual(perMeasure[0]?.rho, half);
    ok(delta.sign() > 0 && delta.atMost(Rational.of(1, 10_000_000)));
    equal(plan.link?.length, 3000 + 2 * (plan.link?.dummies.reach ?? 0));
    deepStrictEqual(plan.holders, HOLDERS);
    equal(plan.honestHolders, 1);
  });

  test('the words for a steward say who learns what', () => {
    const words = describePlan(plan);
    ok(words.includes('whom lu and jp both have: lu knows their groups, jp the values.'));
    ok(words.includes('together with one of the two holders who of that holder'));
    ok(words.includes('and delta '));
  });

  test('the same question of a pooled table is another query; so is another cardinality', () => {
    const terms = termsOf();
    const asked = parseQuery(linked(), terms);
    equal(queryKey(terms, asked), splitKey(terms, asked));
    const pooled = parseQuery(linked({ format: 'kakehashi/query/1' }), terms);
    notEqual(queryKey(terms, asked), queryKey(terms, pooled));
    const cardinality = { epsilon: Rational.ONE, delta: Rational.of(1, 10_000_000) };
    const other = { ...terms, linkage: { ...terms.linkage!, cardinality } };
    notEqual(queryKey(terms, asked), queryKey(other, parseQuery(linked(), other)));
    notEqual(planDigest(plan), planDigest(compileQuery(other, linked())));
  });

  test('a disclosure counts everybody in both and nothing else', () => {
    const plain = { where: undefined, per: undefined, groupBy: undefined };
    const count = { measures: [{ name: 'people', count: true }] };
    const asked = { ...plain, ...count, disclose: 'set' };
    const set = planOf(asked);
    deepStrictEqual(set.link?.disclose, { output: 'set', quota: 3 });
    ok(describePlan(set).includes('Disclosed by agreement, without a price: jp and lu are told'));
    const counted = planOf({ ...asked, disclose: undefined });
    notEqual(set.queryKey, counted.queryKey);
    notEqual(planDigest(set), planDigest(counted));
    const wrong = (change: object, pointer: string): void => {
      const fields = { errors: [{ pointer, code: 'NOT_WITH_DISCLOSE' }] };
      throws(() => planOf({ ...asked, ...change }), { code: 'INVALID_QUERY', fields });
    };
    wrong({ where: { column: 'arm', in: ['sensor'] } }, '/where');
    wrong({ groupBy: ['arm'] }, '/groupBy');
    wrong({ per: { pick: 'latest', by: 'visit' } }, '/per');
    wrong({ measures: [{ name: 'HbA1c', mean: 'hba1c' }] }, '/measures');
    // What the study does not sign is not asked for.
    throws(() => planOf({ ...asked, disclose: 'ids' }), { code: 'OPERATION_NOT_ALLOWED' });
    throws(() => planOf({ ...asked, disclose: 'names' }), { code: 'INVALID_QUERY' });
  });

  test.each([
    ['set', 2 ** 22],
    ['cardinality', 2 ** 18],
    ['ids', 2 ** 18],
  ] as const)('%s is for at most %i people of the larger holder', (output, most) => {
    const asked = { where: undefined, per: undefined, groupBy: undefined, disclose: output };
    const disclosing = (declaredSize: Record<string, number>) => {
      const terms = termsOf();
      const linkage = { ...terms.linkage!, outputs: ['aggregate', output] as const };
      const cohort = { ...terms.cohort, declaredSize };
      const query = linked({ ...asked, measures: [{ name: 'people', count: true }] });
      return refused(() => parseQuery(query, { ...terms, linkage, cohort }));
    };
    deepStrictEqual(disclosing({ lu: most, jp: 1 }), ['nothing was refused']);
    for (const sizes of [
      { lu: most + 1, jp: 1 },
      { lu: 1, jp: most + 1 },
    ]) {
      deepStrictEqual(disclosing(sizes), ['/disclose TOO_MANY_PEOPLE']);
    }
  });

  test('a count by age has two answers of one pair: the first by name has the groups', () => {
    const change = { groupBy: [{ column: 'age', bins: [18, 60, 111] }], where: undefined };
    const { link } = planOf({ ...change, per: undefined, measures: [{ name: 'n', count: true }] });
    deepStrictEqual(link?.holders, { groups: 'jp', values: 'lu' });
  });

  test('among three holders `between` says which two', () => {
    const three = termsOf(['jp', 'kr', 'lu']);
    const mean = { per: undefined, measures: [{ name: 'HbA1c', mean: 'hba1c' }] };
    deepStrictEqual(
      refused(() => planOf(mean, three)),
      ['/between MISSING_FIELD'],
    );
    const { link, holders } = planOf({ ...mean, between: ['lu', 'kr'] }, three);
    deepStrictEqual(link?.holders, { groups: 'lu', values: 'kr' });
    deepStrictEqual(holders, ['kr', 'lu']);
    for (const between of [
      ['lu', 'lu'],
      ['lu', 'xx'],
    ]) {
      deepStrictEqual(
        refused(() => planOf({ between })),
        ['/between UNKNOWN_HOLDER'],
      );
    }
  });
});

describe('refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'groups of nobody alone',
      { groupBy: ['arm', { column: 'hba1c', bins: [3, 7, 20] }] },
      '/groupBy NOT_AT_ONE_HOLDER',
    ],
    [
      'values of the same holder',
      { measures: [{ name: 'a', proportion: { column: 'arm', in: ['meter'] } }] },
      '/measures NOT_AT_ONE_HOLDER',
    ],
    [
      'a filter over both',
      {
        where: {
          any: [
            { column: 'arm', in: ['meter'] },
            { column: 'hba1c', lt: 9 },
          ],
        },
      },
      '/where NOT_AT_ONE_HOLDER',
    ],
    ['groups by holder', { groupBy: ['holder', 'arm'] }, '/groupBy HOLDER_NOT_LINKED'],
    [
      'a measure twice',
      {
        measures: [
          { name: 'n', count: true },
          { name: 'n', count: true },
        ],
      },
      '/measures/1 DUPLICATE_MEASURE',
    ],
    ['two holders in one', { between: ['lu'] }, '/between TOO_FEW_ITEMS'],
    [
      'more sums than one answer has',
      {
        groupBy: [{ column: 'age', bins: Array.from({ length: 93 }, (_, i) => 18 + i) }, 'arm'],
        measures: [
          { name: 'n', count: true },
          { name: 'm', mean: 'hba1c' },
        ],
      },
      '/groupBy TOO_MANY_CELLS',
    ],
  ])('%s', (_, change, expected) => {
    ok(refused(() => planOf(change)).includes(expected));
  });

  test('what is chosen inside one holder, where the study allows it', () => {
    const terms = { ...termsOf(), operations: ['count', 'top'] };
    const often = [{ name: 'often', top: { column: 'arm', k: 1 } }];
    const change = { holders: ['lu'], groupBy: undefined, measures: often };
    ok(refused(() => planOf(change, terms)).includes('/measures NOT_OVER_PAIRS'));
  });

  test('columns of a holder that is none, that do not exist, that nobody has', () => {
    const held = { lu: ['arm', 'age', 'sex'], fr: ['visit'] };
    const declaredSize = { lu: 1, jp: 1 };
    const parse = () => parseCohortSection({ ...section, declaredSize, held }, HOLDERS);
    deepStrictEqual(refused(parse), [
      '/columns/cost HELD_BY_NOBODY',
      '/columns/hba1c HELD_BY_NOBODY',
      '/held/fr UNKNOWN_HOLDER',
      '/held/jp MISSING_FIELD',
      '/held/lu/2 UNKNOWN_COLUMN',
    ]);
  });

  test('without the clause, and sums that do not fit', () => {
    const { linkage: _, ...terms } = termsOf();
    const code = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'served';
    };
    equal(
      code(() => planOf({}, terms)),
      'OPERATION_NOT_ALLOWED',
    );
    equal(
      code(() => planOf({ measures: [{ name: 'c', mean: 'cost' }] })),
      'PLAINTEXT_RANGE',
    );
  });
});
