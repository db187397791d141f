/**
 * Bad numbers of the notes on differential privacy, at every place where one comes in: the price of a query, the
 * half-width asked for, the budget that a study grants, its bounds, and the library itself. Every one is refused
 * by a code, none becomes a cheaper query; each place has a control that is taken.
 */
import { deepStrictEqual, doesNotThrow, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { Composition } from '../../src/dp/accountant/composition.ts';
import { PureFilter, ZcdpFilter } from '../../src/dp/accountant/filters.ts';
import { discreteGaussianLoss } from '../../src/dp/accountant/loss-of.ts';
import { epsilonUp, rhoOfPure } from '../../src/dp/accountant/zcdp.ts';
import { countSensitivity, momentSensitivity } from '../../src/dp/contribution.ts';
import { termsOf } from '../../src/flows/study-terms.ts';
import { acceptedStudy, studyKeys } from '../support/study.ts';

const keys = studyKeys(['lu', 'jp']);
const study = acceptedStudy(keys);

/** What JSON can carry in the place of an amount. */
const AMOUNTS: Record<string, Json> = {
  'a negative one': '-1/2',
  zero: '0/1',
  'zero otherwise': '0/7',
  NaN: 'NaN',
  Infinity: 'Infinity',
  '1e309': '1e309',
  '0x1': '0x1',
  'a decimal with a comma': '0,5',
  'a decimal': '0.5',
  'minus zero': '-0/1',
  '1e-400': '1e-400',
  'a number': 0.5,
  'an array': ['1/2'],
  'an object': { rho: '1/2' },
  'not in lowest terms': '2/4',
  'nothing over nothing': '0/0',
  'over zero': '1/0',
  'a plus': '+1/2',
  'white space': ' 1/2',
  'full-width digits': '１/２',
  empty: '',
  null: null,
  truth: true,
};

const refusedWith = (code: string, run: () => unknown): void => {
  throws(run, (error) => {
    ok(error instanceof Refusal, String(error));
    equal(error.code, code);
    return true;
  });
};

const query = (more: Record<string, Json>): unknown =>
  compileQuery(termsOf(study), {
    format: 'kakehashi/query/1',
    measures: [{ name: 'people', count: true }],
    ...more,
  });

describe('numbers: the price of a query', () => {
  for (const [name, rho] of Object.entries(AMOUNTS)) {
    test(name, () => {
      refusedWith('INVALID_QUERY', () => query({ rho }));
    });
  }
  test('text of JSON that is no number of it', () => {
    for (const text of ['NaN', '-Infinity', '1e309', '0x1', '01', '.5', '1e-400']) {
      throws(() => query({ rho: parseStrict(text) }), Refusal, text);
    }
  });
  test('control: an amount is taken', () => {
    doesNotThrow(() => query({ rho: '1/2' }));
  });
});

describe('numbers: a half-width', () => {
  for (const halfWidth of [0, -1, '5', [5], null, true, 1e308]) {
    test(JSON.stringify(halfWidth), () => {
      throws(() => query({ halfWidth }), Refusal);
    });
  }
  test('both, or neither, of price and half-width', () => {
    refusedWith('INVALID_QUERY', () => query({ rho: '1/2', halfWidth: 5 }));
    refusedWith('INVALID_QUERY', () => query({}));
  });
  test('1e-400 and less than one: no cheaper than one', () => {
    const price = (halfWidth: number): Rational =>
      compileQuery(termsOf(study), {
        format: 'kakehashi/query/1',
        measures: [{ name: 'people', count: true }],
        halfWidth,
      }).rho;
    throws(() => query({ halfWidth: Number('1e-400') }), Refusal);
    for (const small of [Number.MIN_VALUE, 1e-3, 0.5]) ok(price(1).atMost(price(small)));
  });
  test('control', () => {
    doesNotThrow(() => query({ halfWidth: 5 }));
  });
});

describe('numbers: what a study grants', () => {
  for (const [name, amount] of Object.entries(AMOUNTS)) {
    test(name, () => {
      // Without an amount the study of the tests has one of its own.
      if (amount === null) return;
      throws(() => acceptedStudy(keys, { rho: amount as string }), Refusal);
      const zero = name.startsWith('zero') && amount === '0/1';
      if (!zero) throws(() => acceptedStudy(keys, { delta: amount as string }), Refusal);
    });
  }
  test('a delta of one and more', () => {
    for (const delta of ['1/1', '2/1', '1000000/1']) {
      throws(() => acceptedStudy(keys, { delta }), Refusal, delta);
    }
  });
});

describe('numbers: bounds of a column', () => {
  const bounds: Record<string, Record<string, Json>> = {
    reversed: { type: 'integer', min: 10, max: 0 },
    equal: { type: 'integer', min: 5, max: 5 },
    infinite: { type: 'integer', min: 0, max: '1e400' },
    fractional: { type: 'integer', min: 0, max: 1.5 },
    'steps that do not fit': { type: 'number', min: 0, max: 1, step: '2/7' },
    'a step of zero': { type: 'number', min: 0, max: 1, step: '0/1' },
    'a negative step': { type: 'number', min: 0, max: 1, step: '-1/10' },
  };
  for (const [name, x] of Object.entries(bounds)) {
    test(name, () => {
      throws(() => acceptedStudy(keys, { cohort: { columns: { x } } }), Refusal);
    });
  }
  test('a sum that no parameter set carries, n·max of 2^53 and more', () => {
    const planned = (people: number, max: number): unknown => {
      const size = { declaredSize: { lu: people, jp: people } };
      const columns = { x: { type: 'integer', min: 0, max } };
      const wide = acceptedStudy(keys, { cohort: { ...size, columns } });
      const measures = [{ name: 's', sum: 'x' }];
      return compileQuery(termsOf(wide), { format: 'kakehashi/query/1', rho: '1/2', measures });
    };
    for (const [people, max] of [
      [1_000_000, 2 ** 40],
      [1_000_000_000, 2 ** 30],
      [2 ** 30, 2 ** 40],
      [10, 2 ** 53],
    ] as const) {
      throws(() => planned(people, max), Refusal, `${people} of ${max}`);
    }
    doesNotThrow(() => planned(1_000_000, 2 ** 20), 'control');
  });
});

describe('numbers: the library', () => {
  const BAD = [0, -1, 0.5, Number.NaN, Infinity, -0, 2 ** 53];
  test('a sensitivity of zero, fractional, infinite', () => {
    for (const bad of BAD) {
      refusedWith('INVALID_PARAMETER', () =>
        countSensitivity({ rowsPerPerson: bad, cellsPerPerson: 1, cells: 1 }),
      );
      refusedWith('INVALID_PARAMETER', () => discreteGaussianLoss(4, bad));
    }
    refusedWith('INVALID_PARAMETER', () =>
      momentSensitivity({ rowsPerPerson: 1, cellsPerPerson: 1, cells: 1, width: 0n }),
    );
  });
  test('an ε, δ or ρ out of range', () => {
    const minus = Rational.of(-1, 2);
    refusedWith('INVALID_PARAMETER', () => rhoOfPure(minus));
    refusedWith('INVALID_PARAMETER', () => epsilonUp(minus, Rational.of(1, 100)));
    for (const delta of [Rational.ZERO, minus, Rational.ONE, Rational.of(2)]) {
      refusedWith('INVALID_PARAMETER', () => epsilonUp(Rational.ONE, delta));
    }
    const composed = new Composition([{ mechanism: discreteGaussianLoss(4, 1), count: 1 }]);
    for (const bad of [-1, 1, 2, Number.NaN, Infinity]) {
      refusedWith('INVALID_PARAMETER', () => composed.epsilonUp(bad));
    }
    for (const bad of [Number.NaN, Infinity, 0.1]) throws(() => Rational.of(bad), Refusal);
  });
  test('three charges of 0.1 into 0.3: exactly, and nothing after', () => {
    for (const filter of [new ZcdpFilter(Rational.of(3, 10)), new PureFilter(Rational.of(3, 10))]) {
      const tenth = Rational.of(1, 10);
      deepStrictEqual(
        [1, 2, 3].map(() => filter.spend(tenth)),
        [true, true, true],
      );
      equal(filter.spend(Rational.of(1, 10n ** 30n)), false);
    }
    // Control: in doubles the third one does not fit.
    ok(0.1 + 0.1 + 0.1 > 0.3);
  });
});
