/** Queries inside one holder: what may be asked, what the plan makes of it, what it costs. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import { planDigest } from '../../src/cohort/plan-digest.ts';
import { price } from '../../src/cohort/price.ts';
import { exponentialRho } from '../../src/dp/mechanism/selection.ts';
import { rhoOfPure } from '../../src/dp/accountant/zcdp.ts';
import { refusal } from '../support/refusal.ts';
import { present, refused } from '../support/refused.ts';
import { imageTerms, type InsideOptions, insideStudy } from './inside-study.ts';

const TOP = { name: 'often', top: { column: 'icd', k: 2 } };
const KEYS = { name: 'codes', keys: { column: 'code', delta: '1/1000000' } };
const { digest } = imageTerms();
const MEDIAN = { name: 'x', image: { digest, blocks: 64, aggregate: 'median' } };
const WINSORISED = { name: 'y', image: { digest, blocks: 64, aggregate: 'winsorised-mean' } };

/** An axis of 1,000 cells. */
const THOUSANDS = { column: 'code', bins: Array.from({ length: 1001 }, (_, i) => i) };

const query = (more: Record<string, Json> = {}): Json => ({
  format: 'kakehashi/query/1',
  holders: ['lu'],
  measures: [TOP],
  rho: '1/2',
  ...more,
});

const compiled = (more?: Record<string, Json>, options: InsideOptions = {}) =>
  compileQuery(insideStudy(options), query(more));

const choicesOf = (more?: Record<string, Json>, options: InsideOptions = {}) =>
  compiled(more, options).inside?.choices ?? [];

describe('refused', () => {
  test.each<[string, Record<string, Json>, string, string]>([
    ['no holder named', { holders: undefined as unknown as Json }, '', 'INSIDE_ONE_HOLDER'],
    ['two holders named', { holders: ['lu', 'jp'] }, '/holders', 'INSIDE_ONE_HOLDER'],
    ['a holder that is none', { holders: ['fr'] }, '/holders/0', 'UNKNOWN_HOLDER'],
    ['one twice', { holders: ['lu', 'lu'] }, '/holders/1', 'DUPLICATE_ELEMENT'],
    ['no holder at all', { holders: [] }, '/holders', 'TOO_FEW_ITEMS'],
    [
      'sums inside one holder',
      { measures: [{ name: 'n', count: true }] },
      '/holders',
      'SUMS_OVER_ALL_HOLDERS',
    ],
    [
      'sums beside a choice',
      { measures: [TOP, { name: 'n', count: true }] },
      '/measures',
      'NOT_BESIDE_SUMS',
    ],
    ['grouped by holder', { groupBy: ['holder'] }, '/groupBy', 'ONE_HOLDER_ALREADY'],
    [
      'by half-width',
      { rho: undefined as unknown as Json, halfWidth: 3 },
      '/halfWidth',
      'PRICED_BY_RHO',
    ],
    [
      'as many choices as labels',
      { measures: [{ name: 't', top: { column: 'icd', k: 4 } }] },
      '/measures/0/top/k',
      'OUT_OF_RANGE',
    ],
    [
      'no choice',
      { measures: [{ name: 't', top: { column: 'icd', k: 0 } }] },
      '/measures/0/top/k',
      'OUT_OF_RANGE',
    ],
    ['labels of an axis of the query', { groupBy: ['icd'] }, '/measures/0/top', 'DUPLICATE_GROUP'],
    [
      'values without a delta',
      { measures: [{ name: 'k', keys: { column: 'code' } }] },
      '/measures/0/keys/delta',
      'MISSING_FIELD',
    ],
    ...['0/1', '1/100', '2/2000000', '1e-6'].map(
      (delta): [string, Record<string, Json>, string, string] => [
        `a delta of ${delta}`,
        { measures: [{ name: 'k', keys: { column: 'code', delta } }] },
        '/measures/0/keys/delta',
        'DELTA_INVALID',
      ],
    ),
    [
      'values of an axis of the query',
      { groupBy: ['icd'], measures: [{ name: 'k', keys: { column: 'icd', delta: '1/1000000' } }] },
      '/measures/0/keys',
      'DUPLICATE_GROUP',
    ],
    [
      'labels of no column',
      { measures: [{ name: 't', top: { column: 'nothing', k: 1 } }] },
      '/measures/0/top/column',
      'UNKNOWN_COLUMN',
    ],
    [
      'more answers than a vector has',
      { groupBy: [THOUSANDS], measures: [{ name: 'x', image: { ...MEDIAN.image, blocks: 4096 } }] },
      '/groupBy',
      'TOO_MANY_CELLS',
    ],
    [
      'more values than a vector has',
      {
        groupBy: [THOUSANDS],
        measures: [{ name: 'k', keys: { ...KEYS.keys, column: 'sex', most: 4096 } }],
      },
      '/groupBy',
      'TOO_MANY_CELLS',
    ],
    [
      'values of no column',
      { measures: [{ name: 'k', keys: { column: 'nothing', delta: '1/1000000' } }] },
      '/measures/0/keys/column',
      'UNKNOWN_COLUMN',
    ],
    [
      'a median that is none',
      { measures: [{ name: 'x', image: { digest, blocks: 64, aggregate: 'mode' } }] },
      '/measures/0/image/aggregate',
      'UNKNOWN_VALUE',
    ],
    [
      'a median over all holders',
      { holders: undefined as unknown as Json, measures: [MEDIAN] },
      '',
      'INSIDE_ONE_HOLDER',
    ],
  ])('%s', (_, more, pointer, code) => {
    const json = present(query(more) as object) as Json;
    const errors = refused(() => compileQuery(insideStudy(), json));
    ok(errors.includes(`${pointer} ${code}`.trim()), JSON.stringify(errors));
  });

  test('over people of two holders', () => {
    const cardinality = { epsilon: Rational.of(1, 2), delta: Rational.of(1, 10_000_000) };
    const linkage = { outputs: ['aggregate'], disclosures: 0, cardinality } as const;
    const asked = query({ format: 'kakehashi/linked-query/1' });
    const errors = refused(() => compileQuery({ ...insideStudy(), linkage }, asked));
    ok(errors.includes('/measures NOT_OVER_PAIRS'), JSON.stringify(errors));
  });

  test('keys of people with several rows; a median of people one by one', () => {
    const several = insideStudy({ rows: 3 });
    deepStrictEqual(
      refused(() => compileQuery(several, query({ measures: [KEYS] }))),
      ['/measures/0/keys ONE_ROW_PER_PERSON'],
    );
    const map = insideStudy({ mode: 'map' });
    const asked = { name: 'x', image: { digest, aggregate: 'median' } };
    deepStrictEqual(
      refused(() => compileQuery(map, query({ measures: [asked] }))),
      ['/measures/0/image/aggregate NOT_IN_MAP_MODE'],
    );
  });

  test('a median of a program that runs in the sandbox', () => {
    const terms = insideStudy();
    const [own] = terms.images ?? [];
    const placed = { ...terms, images: [{ ...own!, sandbox: { key: 'ed25519:x' as const } }] };
    deepStrictEqual(
      refused(() => compileQuery(placed as typeof terms, query({ measures: [MEDIAN] }))),
      ['/measures/0/image/aggregate NOT_IN_THE_SANDBOX'],
    );
  });

  test('what the study does not allow, and what no rho pays for', () => {
    const only = insideStudy({ operations: ['count'] });
    throws(() => compileQuery(only, query()), refusal('OPERATION_NOT_ALLOWED'));
    const range = refusal('NOISE_RANGE');
    throws(() => compiled({ rho: '1/1000000000000000' }), range);
    throws(() => compiled({ rho: '1/1000000000', measures: [KEYS] }), range);
    throws(() => compiled({ rho: '1/1000000000000000', measures: [WINSORISED] }), range);
  });

  test('all holders named is as none named, of sums', () => {
    const sums = { measures: [{ name: 'n', count: true }] };
    const named = compiled({ ...sums, holders: ['jp', 'lu'] });
    const json = query(sums) as Record<string, Json>;
    delete json['holders'];
    strictEqual(planDigest(named), planDigest(compileQuery(insideStudy(), json)));
  });
});

describe('the charge', () => {
  const within = (spent: Rational, rho: Rational): void => {
    ok(spent.atMost(rho), `${spent.toNumber()} > ${rho.toNumber()}`);
    ok(spent.toNumber() > rho.toNumber() * 0.999);
  };
  const HALF = Rational.of(1, 2);

  test('of the best k: k draws in each of the cells of a person', () => {
    const [top] = choicesOf({ groupBy: ['sex'] }, { rows: 3, cells: 2 });
    ok(top?.choice.kind === 'top');
    strictEqual(top.choice.sensitivity, 3n);
    within(exponentialRho(top.choice.epsilon).times(Rational.of(2 * 2)), HALF);
    // One cell, one row.
    const [single] = choicesOf();
    ok(single?.choice.kind === 'top');
    within(exponentialRho(single.choice.epsilon).times(Rational.of(2)), HALF);
  });

  test('of values: one pure epsilon, and their delta', () => {
    const plan = compiled({ measures: [TOP, KEYS] });
    const keys = plan.inside?.choices[1]?.choice;
    ok(keys?.kind === 'keys');
    within(rhoOfPure(keys.epsilon), Rational.of(1, 4));
    strictEqual(plan.inside?.delta.toString(), '1/1000000');
    strictEqual(price(plan).delta.toString(), '1/1000000');
    strictEqual(keys.least, 10);
  });

  test('of a median: three draws of each field, in each of the cells of a person', () => {
    const [median] = choicesOf({ measures: [MEDIAN], groupBy: ['sex'] }, { rows: 3, cells: 2 });
    ok(median?.choice.kind === 'median');
    within(exponentialRho(median.choice.epsilon).times(Rational.of(3 * 2 * 2)), HALF);
    deepStrictEqual(
      median.choice.ranks.map(([middle, low, high]) => [middle, low < middle, high > middle]),
      [
        [32, true, true],
        [32, true, true],
      ],
    );
  });

  test('of a winsorised mean: two draws and the noise of a sum, half each', () => {
    const [mean] = choicesOf({ measures: [WINSORISED] });
    ok(mean?.choice.kind === 'winsorised');
    const { epsilon, noise } = mean.choice;
    const draws = exponentialRho(epsilon).times(Rational.of(2));
    const sum = Rational.ONE.dividedBy(noise.times(Rational.of(2)));
    within(draws.plus(sum).times(Rational.of(2)), HALF);
  });
});

describe('the plan', () => {
  test('has one holder, no sums, no encryption; its digest depends on all of it', () => {
    const plan = compiled({ measures: [TOP, KEYS, MEDIAN, WINSORISED], groupBy: ['sex'] });
    const { holders, blocks, measures, parameters, values } = plan;
    deepStrictEqual([holders, blocks, measures, parameters], [['lu'], [], [], []]);
    strictEqual(values, 3 * (2 + 101 + 6 + 6));
    const other = [
      compiled(),
      compiled({ holders: ['jp'] }),
      compiled({ rho: '1/3' }),
      compiled({ measures: [{ name: 'often', top: { column: 'icd', k: 1 } }] }),
      compiled({ measures: [KEYS] }),
      compiled({ measures: [MEDIAN] }),
      compiled({ measures: [WINSORISED] }),
    ];
    strictEqual(new Set(other.map(planDigest)).size, other.length);
    strictEqual(new Set(other.map(({ queryKey }) => queryKey)).size, other.length);
    notStrictEqual(compiled().queryKey, compiled({ holders: ['jp'] }).queryKey);
  });

  test('in words', () => {
    const words = describePlan(compiled({ measures: [TOP, KEYS, MEDIAN, WINSORISED] }));
    for (const part of [
      'of 4 labels names the 2 with the most, in order and without their counts',
      'never one of fewer than 10',
      'releases the median of its answers, 2 numbers',
      'releases the winsorised mean',
      'The table has 1 cell of lu alone.',
      'lu is charged rho 1/2 and delta 1/1000000.',
    ]) {
      ok(words.includes(part), `${part}\n${words}`);
    }
    ok(!words.includes('Counts below'));
  });

  test('priced from public numbers: how far off a choice may be', () => {
    const { perMeasure } = price(
      compiled({ measures: [TOP, KEYS, MEDIAN, WINSORISED], rho: '2/1' }),
    );
    const [top, keys, median, mean] = perMeasure;
    // ε = √(8·(1/2)/2) = 1.414, ln(2·4·20)/ε = 3.59
    strictEqual(top?.expected.byHolder, 4);
    ok((keys?.expected.byHolder ?? 0) > 10 && (keys?.expected.byHolder ?? 0) < 40);
    deepStrictEqual(
      median?.parts.map(({ name, unit }) => [name, unit]),
      [
        ['a', '{block}'],
        ['b', '{block}'],
      ],
    );
    // v = 1/(1/4) = 4: 1.96·2·10/64, and in tenths for the other.
    ok(Math.abs((mean?.parts[0]?.byHolder ?? 0) - 0.6125) < 1e-3);
    ok(Math.abs((mean?.parts[1]?.byHolder ?? 0) - 0.04287) < 1e-3);
  });
});
