/** Plans: sensitivity, noise, ranges, deadline, digest, price and plain words. */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { noiseHalfWidth } from '../../src/analysis/interval.ts';
import { releaseCells } from '../../src/analysis/release-table.ts';
import { columnWords, mapWords } from '../../src/cohort/codebook.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { planDigest } from '../../src/cohort/plan-digest.ts';
import { price } from '../../src/cohort/price.ts';
import type { StudyTerms } from '../../src/cohort/query.ts';
import { exampleQuery, terms } from './terms.ts';
import { present, refused } from '../support/refused.ts';

const base = {
  format: 'kakehashi/query/1',
  measures: [{ name: 'people', count: true }],
  rho: '1/200',
};
const compile = (change: object = {}, study: StudyTerms = terms()): Plan => {
  return compileQuery(study, present({ ...base, ...change }) as Json);
};

test('the example of DESIGN 9', () => {
  const plan = compileQuery(terms(), exampleQuery());
  deepStrictEqual(plan.holders, ['jp', 'lu']);
  deepStrictEqual([plan.cells, plan.slots, plan.split], [15, 30, true]);
  deepStrictEqual(plan.sensitivity, { l0: 1n, linf: 1n, l1: 1n, squaredL2: 1n });
  deepStrictEqual([plan.rho.toString(), plan.variance.toString()], ['1/200', '100/1']);
  deepStrictEqual([plan.largestSum, plan.deadlineSeconds, plan.minimumCell], [20_000n, 2, 10]);
  deepStrictEqual(plan.where, {
    all: [{ column: 'age', min: 40n }, { not: { column: 'sex', in: ['M'] } }],
  });
});

test('no groups: one cell, pooled over the holders', () => {
  const plan = compile();
  deepStrictEqual([plan.cells, plan.slots, plan.split, plan.where], [1, 1, false, undefined]);
  deepStrictEqual(plan.largestSum, 40_000n);
});

describe('sensitivity (rulings 11)', () => {
  const cases: readonly [number, number, readonly [bigint, bigint, bigint, bigint]][] = [
    [17, 17, [3n, 17n, 17n, 289n]], // three cells only: sex and null
    [17, 2, [2n, 17n, 17n, 289n]],
    [2, 17, [2n, 2n, 2n, 4n]],
  ];
  test.each(cases)('R = %d, C = %d', (rowsPerPerson, cellsPerPerson, [l0, linf, l1, squaredL2]) => {
    const plan = compile({ groupBy: ['sex'] }, terms({ rowsPerPerson, cellsPerPerson }));
    deepStrictEqual(plan.sensitivity, { l0, linf, l1, squaredL2 });
    deepStrictEqual(plan.variance, Rational.of(squaredL2 * 100n));
    deepStrictEqual(plan.largestSum, 40_000n * BigInt(rowsPerPerson));
  });
});

describe('honest holders', () => {
  const two = (rho: string, groupBy: Json = []): Plan =>
    compile({ rho, groupBy }, terms({}, { honestHolders: 2 }));
  test('a pooled share has σ²/h', () => deepStrictEqual(two('1/200').variance, Rational.of(50)));
  test('a cell by holder has full σ² whatever h', () =>
    deepStrictEqual(two('1/200', ['holder']).variance, Rational.of(100)));
  test('a share of exactly 4 is served', () =>
    deepStrictEqual(two('1/16').variance, Rational.of(4)));
  test('a share below 4 is refused', () =>
    deepStrictEqual(
      refused(() => two('1/15')),
      ['NOISE_RANGE'],
    ));
  test('small noise is served where every holder adds it in full', () =>
    deepStrictEqual(compile({ rho: '2/1' }).variance, Rational.of(1, 4)));
});

describe('plaintext range', () => {
  const sized = (jp: number, groupBy: Json = []): Plan =>
    compile({ groupBy }, terms({ rowsPerPerson: 2, declaredSize: { lu: 1_000_000_000, jp } }));
  // 2·(2·people + tail) < 2^32, the tail of two shares of variance 400 being ⌈√(2·800·81·ln 2)⌉ = 300.
  test('the largest size that fits', () =>
    deepStrictEqual(sized(73_741_673).largestSum, 2_147_483_346n));
  test('one person more', () =>
    deepStrictEqual(
      refused(() => sized(73_741_674)),
      ['PLAINTEXT_RANGE'],
    ));
  test('cells by holder hold one holder each', () =>
    deepStrictEqual(sized(1_000_000_000, ['holder']).largestSum, 2_000_000_000n));
  test('noise alone can be too wide', () =>
    deepStrictEqual(
      refused(() => compile({ rho: `1/${10n ** 17n}` })),
      ['PLAINTEXT_RANGE'],
    ));
  test('rows count, not people', () =>
    deepStrictEqual(
      refused(() => compile({}, terms({ rowsPerPerson: 1_000_000 }))),
      ['PLAINTEXT_RANGE'],
    ));
});

describe('half width', () => {
  const cases: readonly [number, boolean, number, number][] = [
    [20, true, 1, 1],
    [20, false, 1, 1],
    [500, false, 1, 17],
    [20, false, 2, 1],
    [1.5, true, 1, 1],
    [100_000, true, 1, 1],
  ];
  test.each(cases)('%d, split %s, h %d, R %d', (halfWidth, split, honestHolders, rowsPerPerson) => {
    const study = terms({ rowsPerPerson }, { honestHolders });
    const groupBy = split ? ['holder'] : [];
    const plan = compile({ rho: undefined, halfWidth, groupBy }, study);
    const { byHolder, pooled } = price(plan).expected;
    const promised = (split ? byHolder : pooled) ?? Number.NaN;
    ok(promised <= halfWidth);
    // The charge is near the least: with a 64th less, the promise would not hold.
    const shares = split ? 1 : 2;
    const wider = plan.variance
      .times(Rational.of(shares))
      .times(Rational.of(65, 64))
      .plus(Rational.of(shares, 16));
    ok(noiseHalfWidth(wider, 1) >= Math.floor(halfWidth));
    // And it is what a query by rho would be charged.
    deepStrictEqual(compile({ rho: plan.rho.toString(), groupBy }, study), plan);
  });
});

describe('deadline (rulings 15)', () => {
  const cases: readonly [number, number][] = [
    [1, 2],
    [20_000, 2],
    [100_000, 4],
    [1_000_000, 8],
    [10_000_000, 64],
  ];
  test.each(cases)('%d people: %d s', (size, seconds) =>
    deepStrictEqual(
      compile({}, terms({ declaredSize: { lu: size, jp: 1 } })).deadlineSeconds,
      seconds,
    ),
  );
});

test('price: every measure bears its part, nothing is charged in delta', () => {
  const found = price(compile({ groupBy: ['holder'] }));
  deepStrictEqual(found.perMeasure, [{ measure: 'people', rho: Rational.of(1, 200) }]);
  deepStrictEqual([found.rho, found.delta], [Rational.of(1, 200), Rational.ZERO]);
  // 1.96·10 = 19.6 and 1.96·√200 = 27.7, less one half, rounded up.
  deepStrictEqual(found.expected, { byHolder: 20, pooled: 28 });
  deepStrictEqual(price(compile()).expected, { byHolder: undefined, pooled: 28 });
});

describe('plan digest', () => {
  const plan = compileQuery(terms(), exampleQuery());
  test('is a function of study and query', () => {
    deepStrictEqual(planDigest(compileQuery(terms(), exampleQuery())), planDigest(plan));
    const shuffled = terms({}, { holders: ['jp', 'lu'] });
    deepStrictEqual(planDigest(compileQuery(shuffled, exampleQuery())), planDigest(plan));
  });
  const changes: { [K in keyof Plan]: Plan[K] | 2 } = {
    version: 2,
    study: 'cd'.repeat(32),
    holders: ['jp', 'xx'],
    honestHolders: 2,
    queryKey: '',
    split: false,
    dimensions: [],
    cells: 16,
    slots: 31,
    measures: ['n'],
    columns: [],
    where: undefined,
    rowsPerPerson: 2,
    cellsPerPerson: 2,
    sensitivity: { ...plan.sensitivity, l1: 2n },
    rho: Rational.of(1, 201),
    variance: Rational.of(99),
    largestSum: 1n,
    deadlineSeconds: 4,
    minimumCell: 9,
  };
  test.each(Object.entries(changes))('covers %s', (name, value) =>
    notDeepStrictEqual(planDigest({ ...plan, [name]: value }), planDigest(plan)),
  );
});

describe('plain words', () => {
  test('a plan', () => {
    deepStrictEqual(
      describePlan(compileQuery(terms(), exampleQuery())),
      'Counts people by holder, age ([0,40), [40,60), [60,80), [80,111)) and sex (F, M), ' +
        'where age is at least 40 and not (sex is "M"). ' +
        'Each person adds at most 1 row to at most 1 cell. ' +
        'Releases 15 cells for each holder and, added up, for all. ' +
        'Every holder adds noise that stays within 20 in 95 % of cells, and is charged rho 1/200.',
    );
  });
  const words = (where: Json): string => {
    const text = describePlan(compile({ where }));
    return /where (.*?)\. Each/.exec(text)?.[1] ?? text;
  };
  const cases: readonly [Json, string][] = [
    [{ column: 'hba1c', ge: 6.5, lt: 8 }, 'hba1c is between 6.5 and 7.9'],
    [{ column: 'visit', lt: '2020-01-01' }, 'visit is at most 2019-12-31'],
    [{ column: 'age', eq: 40 }, 'age is 40'],
    [{ column: 'age', isNull: true }, 'age is missing'],
    [{ column: 'age', ge: 0 }, 'age is known'],
    [
      {
        any: [
          { column: 'age', eq: 1 },
          { column: 'sex', eq: 'F' },
        ],
      },
      'age is 1 or sex is "F"',
    ],
    [{ column: 'age', lt: 0 }, 'never true'],
  ];
  test.each(cases)('%j', (where, expected) => deepStrictEqual(words(where), expected));

  test('a codebook', () => {
    const { cohort } = terms();
    const words = Object.entries(cohort.columns).map(([name, spec]) => columnWords(name, spec));
    ok(words.includes('one of "F", "M"'));
    ok(words.includes('number from 3 to 20 % of hba1c, in steps of 1/10'));
    deepStrictEqual(mapWords(cohort), [
      'hba1c at lu: column hba1c_ifcc in mmol/mol, converted: x · 0.09148 + 2.152',
      'hba1c at jp: column hba1c in %',
    ]);
  });
});

test('the price promises exactly the noise that the release will state', () => {
  for (const rho of ['1/200', '1/3', '2/1', '32/22201']) {
    for (const groupBy of [[], ['holder']]) {
      const plan = compile({ rho, groupBy });
      const { byHolder, pooled } = price(plan).expected;
      const slots = new BigInt64Array(plan.slots).fill(1000n);
      const cells = releaseCells(plan, slots);
      const noise = (holder: boolean) =>
        cells.find(({ group }) => 'holder' in group === holder)?.noise;
      deepStrictEqual([noise(true), noise(false)], [byHolder, pooled]);
    }
  }
});
