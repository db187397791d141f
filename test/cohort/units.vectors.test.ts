/**
 * Conversions against published pairs, as exact fractions rounded to the places they are printed
 * with: the conversion table of the NGSP (ngsp.org/convert1.asp), the rule of the Japan Diabetes
 * Society at its change of units in 2012 (NGSP = JDS + 0.3 below 5.0, + 0.4 below 10.0, + 0.5 from
 * there), the diagnostic limits of glucose (126 mg/dL = 7.0 mmol/L), the factors for SI units of
 * the AMA Manual of Style, and definitions.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import {
  chained,
  conversionWords,
  converted,
  IDENTITY,
  inverse,
  isIdentity,
} from '../../src/cohort/conversion.ts';
import {
  type Analyte,
  ANALYTES,
  conversion,
  isPlausibleUnit,
  measuredIn,
  needsAnalyte,
} from '../../src/cohort/units.ts';

const rule = (from: string, to: string, analyte?: Analyte) =>
  conversion(from, to, { type: 'number', analyte });

/** `places` decimals, half away from zero. */
function rounded(value: Rational, places: number): string {
  const scale = 10n ** BigInt(places);
  const size = value.sign() < 0 ? value.negate() : value;
  const steps = size.times(Rational.of(scale)).plus(Rational.of(1, 2)).floor();
  const text = Rational.of(steps, scale).toDecimalUp(places);
  return value.sign() < 0 && steps > 0n ? `-${text}` : text;
}

const published: readonly [string, string, Analyte | undefined, readonly [string, string][]][] = [
  [
    'mmol/mol',
    '%',
    'hba1c',
    [
      ['31', '5.0'],
      ['42', '6.0'],
      ['48', '6.5'],
      ['53', '7.0'],
      ['64', '8.0'],
      ['75', '9.0'],
      ['86', '10.0'],
      ['97', '11.0'],
      ['108', '12.0'],
    ],
  ],
  [
    '%',
    'mmol/mol',
    'hba1c',
    [
      ['5.0', '31'],
      ['6.0', '42'],
      ['6.5', '48'],
      ['7.0', '53'],
      ['8.0', '64'],
      ['9.0', '75'],
      ['10.0', '86'],
      ['11.0', '97'],
      ['12.0', '108'],
    ],
  ],
  [
    '%{JDS}',
    '%',
    'hba1c',
    [
      ['4.9', '5.2'],
      ['5.0', '5.4'],
      ['5.2', '5.6'],
      ['6.1', '6.5'],
      ['6.9', '7.3'],
      ['9.9', '10.3'],
      ['10.0', '10.5'],
    ],
  ],
  [
    '%',
    '%{JDS}',
    'hba1c',
    [
      ['6.5', '6.1'],
      ['7.3', '6.9'],
    ],
  ],
  ['mmol/mol', '%{JDS}', 'hba1c', [['48', '6.2']]],
  [
    'mg/dL',
    'mmol/L',
    'glucose',
    [
      ['70', '3.9'],
      ['100', '5.6'],
      ['126', '7.0'],
      ['200', '11.1'],
    ],
  ],
  ['mmol/L', 'mg/dL', 'glucose', [['7.0', '126']]],
  ['g/L', 'mmol/L', 'glucose', [['1.26', '7.0']]],
  ['mg/dL', 'umol/L', 'creatinine', [['1', '88.4']]],
  ['mg/L', 'umol/l', 'creatinine', [['10', '88.4']]],
  ['umol/L', 'mg/dL', 'creatinine', [['88.4', '1.00']]],
  [
    'mg/dL',
    'mmol/L',
    'cholesterol',
    [
      ['200', '5.17'],
      ['240', '6.21'],
    ],
  ],
  ['mg/dL', 'mmol/L', 'hdl-cholesterol', [['40', '1.03']]],
  ['mg/dl', 'mmol/L', 'ldl-cholesterol', [['130', '3.36']]],
  [
    'mg/dL',
    'mmol/L',
    'triglycerides',
    [
      ['150', '1.69'],
      ['500', '5.65'],
    ],
  ],
  ['mmol/L', 'mg/dL', 'triglycerides', [['1', '88.57']]],
  ['[lb_av]', 'kg', undefined, [['1', '0.45359237']]],
  ['g', 'kg', undefined, [['3250', '3.25']]],
  ['m', 'cm', undefined, [['1.72', '172']]],
  ['[in_i]', 'cm', undefined, [['1', '2.54']]],
  [
    '[degF]',
    'Cel',
    undefined,
    [
      ['98.6', '37.0'],
      ['32', '0.0'],
      ['-40', '-40.0'],
    ],
  ],
  ['Cel', '[degF]', undefined, [['37', '98.6']]],
  ['K', 'Cel', undefined, [['0', '-273.15']]],
  ['a', 'mo', undefined, [['1', '12']]],
  ['a', 'd', undefined, [['4', '1461']]],
  ['mo', 'd', undefined, [['1', '30.4375']]],
  ['d', 'wk', undefined, [['7', '1']]],
];

describe('published pairs', () => {
  for (const [from, to, analyte, pairs] of published) {
    test(`${from} to ${to}${analyte === undefined ? '' : ` of ${analyte}`}`, () => {
      const found = rule(from, to, analyte);
      ok(found !== undefined);
      for (const [x, expected] of pairs) {
        const places = expected.split('.')[1]?.length ?? 0;
        equal(
          rounded(converted(found, Rational.parseDecimal(x)), places),
          expected,
          `${x} ${from}`,
        );
      }
    });
  }

  test('control: another analyte gives another value', () => {
    const wrong = rule('mg/dL', 'mmol/L', 'cholesterol');
    equal(rounded(converted(wrong ?? IDENTITY, Rational.of(126)), 1), '3.3');
  });
});

describe('rules', () => {
  const codes = [...new Set(published.flatMap(([from, to]) => [from, to]))];
  const code = fc.constantFrom(...codes);
  const analyte = fc.constantFrom(undefined, ...ANALYTES);

  test('there and back is where it was, also by way of a third unit, exactly', () => {
    fc.assert(
      fc.property(code, code, code, analyte, (a, b, c, of) => {
        const [ab, ba, bc, ac] = [rule(a, b, of), rule(b, a, of), rule(b, c, of), rule(a, c, of)];
        equal(ab === undefined, ba === undefined);
        if (ab === undefined || ba === undefined) return;
        ok(isIdentity(chained(ab, ba)) && ab.slope.sign() === 1);
        deepStrictEqual(inverse(ab), { slope: ba.slope, offset: ba.offset });
        if (bc !== undefined && ac !== undefined)
          deepStrictEqual({ ...chained(ab, bc) }, { ...ac });
      }),
      { numRuns: 2000 },
    );
  });

  test('need an analyte where units do not say enough, and never guess one', () => {
    for (const [from, to] of [
      ['mmol/mol', '%'],
      ['%{JDS}', '%'],
      ['mg/dL', 'mmol/L'],
    ] as const) {
      equal(rule(from, to), undefined);
      ok(needsAnalyte(from, to, 'number'));
    }
    equal(rule('mg/dL', 'mmol/L', 'hba1c'), undefined);
    equal(rule('mmol/mol', '%', 'glucose'), undefined);
    equal(needsAnalyte('kg', 'cm', 'number'), false);
    equal(needsAnalyte('kg', 'g', 'number'), false);
  });

  test('are for the codes of the table only, in their case', () => {
    equal(rule('MG/DL', 'mg/dL'), undefined);
    equal(rule('kg', 'CM'), undefined);
    equal(rule('toString', '__proto__'), undefined);
    equal(rule('kg/m2', 'kg/m2'), IDENTITY);
    equal(rule('mg/dl', 'mg/dL'), IDENTITY);
  });

  test('count completed years: no rounding of a time to whole ones', () => {
    const whole = (from: string, to: string) => conversion(from, to, { type: 'integer' });
    equal(whole('mo', 'a'), undefined);
    equal(whole('d', 'mo'), undefined);
    deepStrictEqual(whole('a', 'mo')?.slope, Rational.of(12));
    ok(whole('[lb_av]', 'kg') !== undefined);
  });

  test('in words', () => {
    const words = (from: string, to: string, of?: Analyte) =>
      conversionWords(rule(from, to, of) ?? IDENTITY);
    equal(words('mmol/mol', '%', 'hba1c'), 'x · 0.09148 + 2.152');
    equal(words('%{JDS}', '%', 'hba1c'), 'x · 1.02 + 0.25');
    equal(words('mg/dL', 'mmol/L', 'glucose'), 'x ÷ 18.0156');
    equal(words('mmol/L', 'mg/dL', 'triglycerides'), 'x · 88.57');
    equal(words('[degF]', 'Cel'), '(x − 32) ÷ 1.8');
    equal(words('%', 'mmol/mol', 'hba1c'), '(x − 2.152) ÷ 0.09148');
    equal(words('mmol/mol', '%{JDS}', 'hba1c'), 'x · 2287/25500 + 317/170');
    equal(words('K', 'Cel'), 'x − 273.15');
    equal(words('kg', 'kg'), 'x');
  });
});

describe('codes', () => {
  test('that may be UCUM', () => {
    for (const good of [
      '%',
      '1',
      'kg/m2',
      '10*9/L',
      '[iU]/L',
      'mm[Hg]',
      '%{JDS}',
      "'",
      '{score}',
    ]) {
      ok(isPlausibleUnit(good), good);
    }
    for (const bad of [
      '',
      'kg m',
      'µmol/L',
      'kg\t',
      '℃',
      '[lb',
      'lb]',
      '%{JDS',
      '{{x}}',
      '[]',
      '\u001b[0m',
    ]) {
      equal(isPlausibleUnit(bad), false, bad);
    }
    equal(isPlausibleUnit('m'.repeat(33)), false);
  });

  test('that an analyte is measured in', () => {
    ok(measuredIn('hba1c', '%{JDS}') && measuredIn('glucose', 'mg/dL'));
    ok(measuredIn('creatinine', 'mg/(24.h)'), 'not in the table: may be');
    equal(measuredIn('hba1c', 'mg/dL'), false);
    equal(measuredIn('hba1c', 'g/g'), false);
    equal(measuredIn('glucose', 'kg'), false);
  });
});
