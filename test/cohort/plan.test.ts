/** Plans: sensitivity, noise, ranges, deadline, digest, price and plain words. */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { noiseHalfWidth } from '../../src/analysis/interval.ts';
import { releaseTables } from '../../src/analysis/release-table.ts';
import { columnWords, mapWords } from '../../src/cohort/codebook.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { isTooLong } from '../../src/cohort/deadline.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import type { Block, Plan, Run } from '../../src/cohort/plan.ts';
import { planDigest } from '../../src/cohort/plan-digest.ts';
import { price } from '../../src/cohort/price.ts';
import type { StudyTerms } from '../../src/cohort/query.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { tauUp } from '../../src/dp/accountant/shares.ts';
import { rhoFor } from '../../src/dp/mechanism/discrete-gaussian.ts';
import { exampleQuery, exampleSection, terms } from './terms.ts';
import { present, refused } from '../support/refused.ts';

const base = {
  format: 'kakehashi/query/1',
  measures: [{ name: 'people', count: true }],
  rho: '1/200',
};
const compile = (change: object = {}, study: StudyTerms = terms()): Plan => {
  return compileQuery(study, present({ ...base, ...change }) as Json);
};

/** The block and the run of a plan that has one. */
const block = (plan: Plan): Block => plan.blocks[0]!;
const run = (plan: Plan): Run => block(plan).runs[0]!;

test('the example of DESIGN 9', () => {
  const plan = compileQuery(terms(), exampleQuery());
  deepStrictEqual(plan.holders, ['jp', 'lu']);
  deepStrictEqual([plan.cells, plan.slots, plan.split], [15, 30, true]);
  deepStrictEqual(block(plan).sensitivity, { l0: 1n, linf: 1n, l1: 1n, squaredL2: 1n });
  deepStrictEqual([plan.rho.toString(), run(plan).variance.toString()], ['1/200', '100/1']);
  deepStrictEqual([run(plan).largest, plan.deadlineSeconds, plan.minimumCell], [20_000n, 2, 10]);
  deepStrictEqual(plan.where, {
    all: [{ column: 'age', min: 40n }, { not: { column: 'sex', in: ['M'] } }],
  });
});

test('no groups: one cell, pooled over the holders', () => {
  const plan = compile();
  deepStrictEqual([plan.cells, plan.slots, plan.split, plan.where], [1, 1, false, undefined]);
  deepStrictEqual(run(plan).largest, 40_000n);
});

describe('sensitivity (rulings 11)', () => {
  const cases: readonly [number, number, readonly [bigint, bigint, bigint, bigint]][] = [
    [17, 17, [3n, 17n, 17n, 289n]], // three cells only: sex and null
    [17, 2, [2n, 17n, 17n, 289n]],
    [2, 17, [2n, 2n, 2n, 4n]],
  ];
  test.each(cases)('R = %d, C = %d', (rowsPerPerson, cellsPerPerson, [l0, linf, l1, squaredL2]) => {
    const plan = compile({ groupBy: ['sex'] }, terms({ rowsPerPerson, cellsPerPerson }));
    deepStrictEqual(block(plan).sensitivity, { l0, linf, l1, squaredL2 });
    deepStrictEqual(run(plan).variance, Rational.of(squaredL2 * 100n));
    deepStrictEqual(run(plan).largest, 40_000n * BigInt(rowsPerPerson));
  });
});

const TINY = Rational.of(1n, 10n ** 12n);

describe('honest holders', () => {
  const two = (rho: string, groupBy: Json = []): Plan =>
    compile({ rho, groupBy }, terms({}, { honestHolders: 2 }));
  test('a pooled share has σ²/h, and a 4096th more at most', () => {
    for (const rho of ['1/200', '1/16', '1/3000000', '7/1000']) {
      const even = Rational.ONE.dividedBy(Rational.of(4).times(Rational.parse(rho)));
      const more = run(two(rho)).variance.dividedBy(even);
      ok(more.compare(Rational.ONE) > 0 && more.atMost(Rational.of(4097, 4096).plus(TINY)), rho);
    }
  });
  test('what is charged covers the sum of h shares, which is not quite a discrete Gaussian', () => {
    const measures: Json[] = [
      { name: 'n', count: true },
      { name: 'm', mean: 'hba1c' },
      { name: 'q', quantiles: { column: 'age', at: [0.5] } },
    ];
    const study = terms(
      { rowsPerPerson: 3, cellsPerPerson: 2 },
      { honestHolders: 2, operations: ['count', 'mean', 'quantiles'] },
    );
    for (const { runs, rho, sensitivity } of compile({ measures }, study).blocks) {
      const { squaredL2, l0 } = sensitivity;
      const least = runs.map(({ variance }) => variance).reduce((a, b) => (a.atMost(b) ? a : b));
      const excess = tauUp(least, 2).times(Rational.of(l0));
      const both = runs[0]!.variance.times(Rational.of(2));
      ok(excess.sign() > 0 && rhoFor(squaredL2, both).plus(excess).atMost(rho));
    }
  });
  test('a cell by holder has full σ² whatever h', () =>
    deepStrictEqual(run(two('1/200', ['holder'])).variance, Rational.of(100)));
  test('a share of exactly 4 is served', () =>
    deepStrictEqual(run(two('1/16')).variance, Rational.of(4097, 1024)));
  test('a share below 4 is refused', () =>
    deepStrictEqual(
      refused(() => two('1/15')),
      ['NOISE_RANGE'],
    ));
  test('small noise is served where every holder adds it in full', () =>
    deepStrictEqual(run(compile({ rho: '2/1' })).variance, Rational.of(1, 4)));
});

describe('plaintext range', () => {
  const sized = (jp: number, groupBy: Json = [], honestHolders = 1): Plan => {
    const study = { rowsPerPerson: 2, declaredSize: { lu: 1_000_000_000, jp } };
    return compile({ groupBy }, terms(study, { honestHolders }));
  };
  const SMALL = ['kakehashi-rlwe-4096-106-t32'];
  // 2·(2·people + tail) < 2^32, the tail of two shares of variance 400 being ⌈√(2·800·81·ln 2)⌉ = 300.
  test('the largest size that fits t = 2^32', () => {
    const plan = sized(73_741_673);
    deepStrictEqual([run(plan).largest, plan.parameters], [2_147_483_346n, SMALL]);
  });
  test('one person more takes a wider plaintext modulus; with h = 2 the noise is smaller', () => {
    const wider = ['kakehashi-rlwe-4096-106-t36'];
    deepStrictEqual(sized(73_741_674).parameters, wider);
    deepStrictEqual(sized(73_741_674, [], 2).parameters, SMALL);
    deepStrictEqual(sized(73_741_774, [], 2).parameters, wider);
  });
  test('cells by holder hold one holder each', () => {
    const plan = sized(1_000_000_000, ['holder']);
    deepStrictEqual([run(plan).largest, plan.parameters], [2_000_000_000n, SMALL]);
  });
  test('where n = 4096 has no room left, n = 8192; a value is one slot all the same', () => {
    const study = { rowsPerPerson: 1_000_000, declaredSize: { lu: 10 ** 9, jp: 10 ** 9 } };
    const plan = compile({ groupBy: ['holder', 'sex'] }, terms(study));
    deepStrictEqual(plan.parameters, ['kakehashi-rlwe-8192-214-t52']);
    deepStrictEqual([plan.values, plan.slots], [3, 6]);
  });
  /** Up to 10^6 in steps of 1 and `people` a holder: products of 2^38 a row. */
  const costs = (people: number, measure: Json): Plan => {
    const section = {
      ...exampleSection(),
      rowsPerPerson: 1,
      columns: { cost: { type: 'integer', min: 0, max: 10 ** 6 } },
      maps: {},
      declaredSize: { lu: people, jp: people },
    };
    const cohort = parseCohortSection(section, ['lu', 'jp']);
    const study = terms({}, { cohort, operations: ['mean', 'variance'] });
    return compile({ measures: [measure], rho: '1/1' }, study);
  };
  test('sums of products that no ring carries take several moduli', () => {
    const variance = { name: 'x', variance: 'cost' };
    deepStrictEqual(costs(50_000, variance).parameters, ['kakehashi-rlwe-8192-214-t56']);
    deepStrictEqual(costs(5_000_000, variance).parameters, [
      'kakehashi-rlwe-4096-106-t40',
      'kakehashi-rlwe-4096-106-m1099511627689',
    ]);
    deepStrictEqual(
      refused(() => costs(10_000_000, variance)),
      ['PLAINTEXT_RANGE'],
    );
  });
  test('more holders than the encryption serves are refused', () => {
    const holders = Array.from({ length: 17 }, (_, i) => `h${i}`);
    const declaredSize = Object.fromEntries(holders.map((name) => [name, 10]));
    const cohort = parseCohortSection({ ...exampleSection(), maps: {}, declaredSize }, holders);
    deepStrictEqual(
      refused(() => compile({}, terms({}, { holders, cohort }))),
      ['ENCRYPTION_PARAMETERS'],
    );
  });
  test('parts by holder that fit are refused where their sum would not: a release never is', () => {
    const holders = ['a', 'b', 'c', 'd'];
    const sized = (people: number): string[] => {
      const section = {
        ...exampleSection(),
        rowsPerPerson: 1,
        columns: { cost: { type: 'integer', min: 0, max: 2 ** 20 } },
        maps: {},
        declaredSize: Object.fromEntries(holders.map((name) => [name, people])),
      };
      const study = terms(
        {},
        {
          holders,
          cohort: parseCohortSection(section, holders),
          operations: ['mean'],
        },
      );
      const query = { groupBy: ['holder'], measures: [{ name: 'x', mean: 'cost' }], rho: '2/1' };
      return refused(() => compile(query, study));
    };
    // A row adds up to 2^38: five million are below 2^61, four times as many not below 2^62.
    deepStrictEqual(sized(4_000_000), ['nothing was refused']);
    deepStrictEqual(sized(5_000_000), ['PLAINTEXT_RANGE']);
  });
  test('what a double cannot hold is refused', () => {
    const study = terms(
      { rowsPerPerson: 1_000_000, declaredSize: { lu: 10 ** 9, jp: 10 ** 9 } },
      { operations: ['mean'] },
    );
    deepStrictEqual(
      refused(() => compile({ measures: [{ name: 'x', mean: 'hba1c' }] }, study)),
      ['PLAINTEXT_RANGE'],
    );
  });
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
    const { byHolder, pooled } = price(plan).perMeasure[0]!.expected;
    const promised = (split ? byHolder : pooled) ?? Number.NaN;
    ok(promised <= halfWidth);
    // The charge is near the least: with a 64th less, the promise would not hold.
    const shares = split ? 1 : 2;
    const wider = run(plan)
      .variance.times(Rational.of(shares))
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
    [100_000, 2],
    [1_000_000, 8],
    [5_000_000, 16],
    [10_000_000, 32],
  ];
  test.each(cases)('%d people: %d s', (size, seconds) =>
    deepStrictEqual(
      compile({}, terms({ declaredSize: { lu: size, jp: 1 } })).deadlineSeconds,
      seconds,
    ),
  );
});

test('a table too long for the deadline is noticed when it is loaded', () => {
  const { cohort } = terms({ declaredSize: { lu: 20_000, jp: 20_000 } });
  // 2 s, of which half of three quarters is 750 ms: 681,818 rows at 1.1 µs.
  const long = (rows: number, people = 20_000): boolean => isTooLong(cohort, { rows, people });
  deepStrictEqual([long(681_818), long(681_819)], [false, true]);
  deepStrictEqual(long(10_000_000, 10_000_000), false);
});

test('price: every measure bears its part, nothing is charged in delta', () => {
  const found = price(compile({ groupBy: ['holder'] }));
  // 1.96·10 = 19.6 and 1.96·√200 = 27.7, less one half, rounded up.
  const expected = { byHolder: 20, pooled: 28, rows: undefined };
  const people = { measure: 'people', kind: 'count', rho: Rational.of(1, 200), unit: '1' };
  deepStrictEqual(found.perMeasure, [{ ...people, expected, parts: [] }]);
  deepStrictEqual([found.rho, found.delta], [Rational.of(1, 200), Rational.ZERO]);
  deepStrictEqual(price(compile()).perMeasure[0]!.expected, { ...expected, byHolder: undefined });
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
    parameters: ['kakehashi-rlwe-4096-106-t36'],
    blocks: [{ ...block(plan), runs: [{ ...run(plan), variance: Rational.of(99) }] }],
    measures: [{ kind: 'count', name: 'n', block: 0 }],
    values: 14,
    per: { pick: 'any', by: undefined, window: undefined },
    columns: [],
    where: undefined,
    rowsPerPerson: 2,
    cellsPerPerson: 2,
    rho: Rational.of(1, 201),
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
      'Releases count "people" by holder, age ([0,40), [40,60), [60,80), [80,111)) and sex (F, M), ' +
        'where age is at least 40 and not (sex is "M"). ' +
        'Counts people; every holder adds noise that stays within 20 in 95 % of the sums. ' +
        'Each person adds at most 1 row to at most 1 cell. ' +
        'The table has 15 cells for each holder and, added up, for all. ' +
        'Counts below 10 are not shown. Every holder is charged rho 1/200.',
    );
  });
  const words = (where: Json): string => {
    const text = describePlan(compile({ where }));
    return /where (.*?)\. Counts/.exec(text)?.[1] ?? text;
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
      const { byHolder, pooled } = price(plan).perMeasure[0]!.expected;
      const values = new BigInt64Array(plan.values * (plan.split ? 2 : 1)).fill(1000n);
      const { cells } = releaseTables(plan, values);
      const noise = (holder: boolean) =>
        cells.find(({ group }) => 'holder' in group === holder)?.noise;
      deepStrictEqual([noise(true), noise(false)], [byHolder, pooled]);
    }
  }
});
