/** Measures and `per` as an analyst writes them: what is read, and what is refused where. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import { MEASURE_KINDS } from '../../src/cohort/measure/kinds.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { price } from '../../src/cohort/price.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { refused } from '../support/refused.ts';
import { exampleSection, terms } from './terms.ts';

const section = (rowsPerPerson = 1) => ({
  rowsPerPerson,
  columns: {
    ...exampleSection().columns,
    months: { type: 'integer', min: 0, max: 120, unit: 'mo' },
    died: { type: 'integer', min: 0, max: 1 },
    arm: { type: 'category', domain: ['A', 'B'] },
    index: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
    huge: { type: 'integer', min: 0, max: 2 ** 40 },
    fixed: { type: 'integer', min: 1, max: 2 ** 24 + 2 },
  } as Record<string, Json>,
});

const compile = (query: Record<string, Json>, rowsPerPerson = 1): Plan =>
  compileQuery(terms(section(rowsPerPerson), { operations: [...OPERATIONS] }), {
    format: 'kakehashi/query/1',
    rho: '1/10',
    ...query,
  });
const one = (measure: Record<string, Json>): Record<string, Json> => ({
  measures: [{ name: 'm', ...measure }],
});
const SURVIVAL = { time: 'months', event: 'died', grid: [0, 6, 12] };

describe('refused', () => {
  const cases: [string, Record<string, Json>, string[]][] = [
    ['mean of an unknown column', { mean: 'x' }, ['/measures/0/mean UNKNOWN_COLUMN']],
    ['mean of a category', { mean: 'sex' }, ['/measures/0/mean NOT_NUMERIC']],
    ['mean of a date', { mean: 'visit' }, ['/measures/0/mean NOT_NUMERIC']],
    ['mean of a number', { mean: 5 }, ['/measures/0/mean WRONG_TYPE']],
    ['bounds too far apart', { sum: 'huge' }, ['/measures/0/sum BOUNDS_NOT_SERVED']],
    ['just too far', { variance: 'fixed' }, ['/measures/0/variance BOUNDS_NOT_SERVED']],
    ['two in one', { mean: 'age', sum: 'age' }, ['/measures/0 ONE_MEASURE_EACH']],
    [
      'a proportion of nothing known',
      { proportion: { column: 'x', eq: 1 } },
      ['/measures/0/proportion/column UNKNOWN_COLUMN'],
    ],
    ['a histogram without bins', { histogram: 'hba1c' }, ['/measures/0/histogram BINS_REQUIRED']],
    [
      'a histogram of a grouped column',
      { histogram: 'arm' },
      ['/measures/0/histogram DUPLICATE_GROUP'],
    ],
    ['a histogram of holders', { histogram: 'holder' }, ['/measures/0/histogram UNKNOWN_COLUMN']],
    [
      'an empty survival',
      { survival: {} },
      ['event', 'grid', 'time'].map((name) => `/measures/0/survival/${name} MISSING_FIELD`),
    ],
    [
      'a survival of everything wrong',
      { survival: { time: 'sex', event: 'age', arm: 'arm', grid: [0, 0] } },
      [
        '/measures/0/survival/arm DUPLICATE_GROUP',
        '/measures/0/survival/event EVENT_AMBIGUOUS',
        '/measures/0/survival/time NOT_NUMERIC',
      ],
    ],
    [
      'a grid that does not rise',
      { survival: { ...SURVIVAL, grid: [0, 6, 6] } },
      ['/measures/0/survival/grid/2 BINS_NOT_INCREASING'],
    ],
    ['quantiles of a category', { quantiles: 'sex' }, ['/measures/0/quantiles NOT_NUMERIC']],
    [
      'quantiles out of order',
      { quantiles: { column: 'age', at: [0.5, 0.5] } },
      ['/measures/0/quantiles/at/1 QUANTILE_INVALID'],
    ],
    [
      'a quantile of order 1',
      { quantiles: { column: 'age', at: [1] } },
      ['/measures/0/quantiles/at/0 QUANTILE_INVALID'],
    ],
    [
      'a resolution off the step',
      { quantiles: { column: 'age', resolution: 0.5 } },
      ['/measures/0/quantiles/resolution NOT_ON_STEP'],
    ],
    [
      'a resolution too fine',
      { quantiles: { column: 'huge', resolution: 1 } },
      ['/measures/0/quantiles/resolution TOO_MANY_CELLS'],
    ],
    [
      'a distribution between leaves, and beyond the column',
      { distribution: { column: 'months', at: [4, 8, 120], resolution: 5 } },
      [
        '/measures/0/distribution/at/1 NOT_ON_RESOLUTION',
        '/measures/0/distribution/at/2 OUT_OF_RANGE',
      ],
    ],
    [
      'a table of one axis twice',
      { table: { rows: 'sex', columns: 'sex' } },
      ['/measures/0/table/columns DUPLICATE_GROUP'],
    ],
    [
      'a table of a grouped column and of nothing known',
      { table: { rows: 'arm', columns: { name: 'x', when: { column: 'y', eq: 1 } } } },
      [
        '/measures/0/table/columns/when/column UNKNOWN_COLUMN',
        '/measures/0/table/rows DUPLICATE_GROUP',
      ],
    ],
    [
      'a condition with the name of a column',
      { table: { rows: 'sex', columns: { name: 'age', when: { column: 'age', ge: 5 } } } },
      ['/measures/0/table/columns/name DUPLICATE_NAME'],
    ],
    [
      'a table with too many cells to test',
      { table: { rows: { column: 'months', bins: [0, 1, 2, 3] }, columns: 'age' } },
      ['/measures/0/table TOO_MANY_CELLS'],
    ],
    [
      'a standardised rate of no population',
      { standardised: { proportion: { column: 'died', eq: 1 }, age: 'sex', population: 'x' } },
      ['/measures/0/standardised/population UNKNOWN_VALUE'],
    ],
    [
      'a standardised rate over something else than ages',
      {
        standardised: {
          proportion: { column: 'died', eq: 1 },
          age: 'months',
          population: 'who-2000',
        },
      },
      ['/measures/0/standardised/age NOT_AN_AGE'],
    ],
    [
      'bands off the population',
      {
        standardised: {
          proportion: { column: 'died', eq: 1 },
          age: 'age',
          population: 'japan-2015',
          ages: [40, 62, 60, 130],
        },
      },
      [
        '/measures/0/standardised/ages/1 AGE_BANDS',
        '/measures/0/standardised/ages/2 BINS_NOT_INCREASING',
        '/measures/0/standardised/ages/3 AGE_BANDS',
      ],
    ],
    ['a trend without order', { trend: { by: 'sex' } }, ['/measures/0/trend/by BINS_REQUIRED']],
    [
      'a trend of one period',
      { trend: { by: { column: 'months', bins: [0, 12] } } },
      ['/measures/0/trend/by TOO_FEW_ITEMS'],
    ],
    [
      'an incidence of one cause twice',
      {
        incidence: {
          time: 'months',
          causes: [
            { name: 'a', when: 'died' },
            { name: 'a', when: 'sex' },
          ],
          grid: [0, 6],
        },
      },
      [
        '/measures/0/incidence/causes/1/name DUPLICATE_NAME',
        '/measures/0/incidence/causes/1/when EVENT_AMBIGUOUS',
      ],
    ],
    [
      'a regression on its own outcome',
      { linear: { outcome: 'age', on: ['age', 'sex', 5] } },
      [
        '/measures/0/linear/on/0 DUPLICATE_NAME',
        '/measures/0/linear/on/1 NOT_NUMERIC',
        '/measures/0/linear/on/2 WRONG_TYPE',
      ],
    ],
    [
      'a regression with bounds too wide',
      { linear: { outcome: 'fixed', on: ['age'] } },
      ['/measures/0/linear/outcome BOUNDS_NOT_SERVED'],
    ],
    [
      'a logistic regression of nothing known',
      { logistic: { outcome: { column: 'x', eq: 1 }, on: ['sex', 'sex'] } },
      [
        '/measures/0/logistic/on/1 DUPLICATE_GROUP',
        '/measures/0/logistic/outcome/column UNKNOWN_COLUMN',
      ],
    ],
    [
      'a category that is linear',
      { logistic: { outcome: { column: 'died', eq: 1 }, on: [{ column: 'sex', linear: true }] } },
      ['/measures/0/logistic/on/0/linear BINS_REQUIRED'],
    ],
    [
      'hazards of everything wrong',
      { hazards: { time: 'sex', event: 'age', on: ['arm'], grid: [0, 1] } },
      [
        '/measures/0/hazards/event EVENT_AMBIGUOUS',
        '/measures/0/hazards/on/0 DUPLICATE_GROUP',
        '/measures/0/hazards/time NOT_NUMERIC',
      ],
    ],
    [
      'a grid off the step',
      { survival: { ...SURVIVAL, grid: [0, 0.5] } },
      ['/measures/0/survival/grid/1 NOT_ON_STEP'],
    ],
  ];
  test.each(cases)('%s', (_, measure, expected) => {
    const query = { ...one(measure), groupBy: ['arm'] };
    deepStrictEqual(
      refused(() => compile(query)),
      [...expected].sort(),
    );
  });
  test('survival where several rows of a person count, unless one is picked', () => {
    deepStrictEqual(
      refused(() => compile(one({ survival: SURVIVAL }), 2)),
      ['/measures/0/survival ONE_ROW_PER_PERSON'],
    );
    compile({ ...one({ survival: SURVIVAL }), per: { pick: 'latest', by: 'visit' } }, 2);
  });
  test.each([
    { incidence: { time: 'months', causes: [{ name: 'a', when: 'died' }], grid: [0, 6] } },
    { hazards: { time: 'months', event: 'died', on: ['sex'], grid: [0, 6] } },
  ] as Record<string, Json>[])('%j where several rows of a person count', (measure) => {
    const [kind = ''] = Object.keys(measure);
    deepStrictEqual(
      refused(() => compile(one(measure), 2)),
      [`/measures/0/${kind} ONE_ROW_PER_PERSON`],
    );
  });
  test('a half width of two measures', () => {
    const measures = [
      { name: 'm', mean: 'age' },
      { name: 'n', count: true },
    ];
    deepStrictEqual(
      refused(() => compile({ measures, halfWidth: 1, rho: undefined } as never)),
      ['/halfWidth HALF_WIDTH_NOT_SERVED'],
    );
  });
  test('what the study does not allow', () => {
    const query = { format: 'kakehashi/query/1', rho: '1/10', ...one({ mean: 'age' }) };
    deepStrictEqual(
      refused(() => compileQuery(terms(section()), query)),
      ['OPERATION_NOT_ALLOWED'],
    );
  });
});

describe('per', () => {
  const cases: [string, Json, string[]][] = [
    ['nothing', {}, ['/per/pick MISSING_FIELD']],
    ['another pick', { pick: 'last' }, ['/per/pick UNKNOWN_VALUE']],
    ['latest of what', { pick: 'latest' }, ['/per/by MISSING_FIELD']],
    ['any by something', { pick: 'any', by: 'age' }, ['/per/by UNKNOWN_FIELD']],
    ['by a category', { pick: 'max', by: 'sex' }, ['/per/by NOT_NUMERIC']],
    ['mean date', { pick: 'mean', by: 'visit' }, ['/per/by NOT_NUMERIC']],
    ['unknown column', { pick: 'min', by: 'x' }, ['/per/by UNKNOWN_COLUMN']],
    [
      'a window without its date',
      { pick: 'max', by: 'age', window: { index: 'index', days: [0, 1] } },
      ['/per/window/date MISSING_FIELD'],
    ],
    [
      'a window that is none',
      { pick: 'latest', by: 'visit', window: { index: 'age', days: [5, 1] } },
      ['/per/window/days REVERSED_BINS', '/per/window/index NOT_A_DATE'],
    ],
  ];
  test.each(cases)('%s', (_, per, expected) => {
    deepStrictEqual(
      refused(() => compile({ ...one({ count: true }), per })),
      expected,
    );
  });
  test('the latest row is the one with the largest date: the same query, the same plan', () => {
    const [latest, max] = ['latest', 'max'].map((pick) =>
      compile({ ...one({ mean: 'hba1c' }), per: { pick, by: 'visit' } }, 3),
    );
    deepStrictEqual(latest, max);
    notStrictEqual(latest?.queryKey, compile(one({ mean: 'hba1c' }), 3).queryKey);
  });
  test('one row of a person: the price of one row', () => {
    const [whole, picked] = [{}, { per: { pick: 'any' } }].map((per) =>
      compile({ ...one({ count: true }), ...per }, 3),
    );
    strictEqual(whole?.blocks[0]?.runs[0]?.variance.toString(), '45/1');
    strictEqual(picked?.blocks[0]?.runs[0]?.variance.toString(), '5/1');
  });
});

describe('what a measure is', () => {
  test('an event by name is the condition that it stands for', () => {
    const [byName, byCondition] = ['died', { column: 'died', eq: 1 }].map((event) =>
      compile(one({ survival: { ...SURVIVAL, event } })),
    );
    deepStrictEqual(byName, byCondition);
  });
  test('names are not part of the question, the order of measures is', () => {
    const key = (...names: string[]) =>
      compile({
        measures: [
          { name: names[0]!, mean: 'age' },
          { name: names[1]!, mean: 'hba1c' },
        ],
      }).queryKey;
    strictEqual(key('a', 'b'), key('x', 'y'));
  });
  test('a proportion leaves out rows without a value, one that asks for null does not', () => {
    const known = (proportion: Json) => {
      const content = compile(one({ proportion })).blocks[0]?.content;
      return content?.kind === 'tally' && content.part.kind === 'condition'
        ? content.part.known
        : undefined;
    };
    deepStrictEqual(known({ not: { column: 'sex', in: ['M'] } }), ['sex']);
    deepStrictEqual(known({ column: 'sex', isNull: true }), []);
    deepStrictEqual(known({ not: { column: 'sex', isNull: true } }), []);
    deepStrictEqual(
      known({
        all: [
          { column: 'age', ge: 40 },
          { column: 'arm', eq: 'A' },
        ],
      }),
      ['age', 'arm'],
    );
  });
  test('plain words', () => {
    const query = {
      measures: [
        { name: 'level', mean: 'hba1c' },
        { name: 'os', survival: { ...SURVIVAL, arm: 'arm' } },
      ],
      per: { pick: 'latest', by: 'visit', window: { index: 'index', days: [0, 365] } },
    };
    strictEqual(
      describePlan(compile(query as unknown as Record<string, Json>, 9)),
      'Releases mean "level" and survival "os", in one number. ' +
        'Of each person the row of the latest visit counts, ' +
        'of rows whose visit is 0 to 365 days after index. ' +
        'Adds up the values of hba1c over people, as distances from both bounds, and their products; ' +
        'every holder adds noise that stays within 1054 and 63329 in 95 % of the sums, at rho 1/20. ' +
        'Counts people by arm (A, B), and by 2 intervals of months from 0 to 12, by whether died is at least 1; ' +
        'every holder adds noise that stays within 6 in 95 % of the sums, at rho 1/20. ' +
        'Each person adds at most 1 row to at most 1 cell. ' +
        'The table has 1 cell for all holders together. Counts below 10 are not shown. ' +
        'Every holder is charged rho 1/10.',
    );
  });
});

test('the price says for how many rows it holds, of what depends on them', () => {
  const plan = compile({
    measures: [
      { name: 'n', count: true },
      { name: 'x', mean: 'hba1c' },
    ],
    groupBy: ['holder', 'arm'],
  });
  const [count, mean] = price(plan, 1000).perMeasure;
  strictEqual(count?.expected.rows, undefined);
  deepStrictEqual([mean?.unit, mean?.expected.rows], ['%', 1000]);
  // z·σ/n steps of a tenth, σ² = 170²/(2/20): the bound is the noise of a mean at a bound.
  const expected = (1.959963985 * Math.sqrt(170 ** 2 / (2 / 20))) / 1000 / 10;
  const got = mean?.expected.byHolder ?? 0;
  ok(got >= expected && got < 1.01 * expected);
  // 20,000 people over two arms and null.
  strictEqual(price(plan).perMeasure[1]?.expected.rows, 6666);
});

test('what a study can allow is what can be measured', () => {
  deepStrictEqual(
    MEASURE_KINDS.map(({ key }) => key),
    [...OPERATIONS],
  );
});
