/** Units in a cohort section: what is accepted, every refusal with its pointer, and the codebook. */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { columnWords, mapWords } from '../../src/cohort/codebook.ts';
import { columnSource, personHeader, ruleOf } from '../../src/cohort/column-source.ts';
import { conversionWords } from '../../src/cohort/conversion.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { refusal } from '../support/refusal.ts';
import { refused } from '../support/refused.ts';
import { exampleSection } from './terms.ts';

const HOLDERS = ['lu', 'jp'];
const parse = (columns: Json, maps: Json = {}) =>
  parseCohortSection({ ...exampleSection(), columns, maps }, HOLDERS);

const number = { type: 'number', min: 0, max: 100, step: '1/10' };
const integer = { type: 'integer', min: 0, max: 100 };
const percent = { ...number, unit: '%', analyte: 'hba1c' };
const glucose = { ...number, unit: 'mmol/L', analyte: 'glucose' };
const map = (unit: string): Json => ({ lu: { x: { column: 'theirs', unit } } });
const without = (object: Record<string, Json>, name: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

describe('refusals', () => {
  const at = '/maps/lu/x/unit';
  const cases: readonly [string, Json, Json, readonly string[]][] = [
    ['no UCUM code', { ...number, unit: 'µmol/L' }, {}, ['/columns/x/unit UNIT_UNKNOWN']],
    ['a unit with a space', { ...integer, unit: 'kg m' }, {}, ['/columns/x/unit UNIT_UNKNOWN']],
    ['an open annotation', { ...number, unit: '%{JDS' }, {}, ['/columns/x/unit UNIT_UNKNOWN']],
    [
      'a unit of 33 characters',
      { ...number, unit: 'm'.repeat(33) },
      {},
      ['/columns/x/unit WRONG_LENGTH'],
    ],
    ['no unit at all', { ...number, unit: '' }, {}, ['/columns/x/unit WRONG_LENGTH']],
    [
      'an unknown analyte',
      { ...percent, analyte: 'a1c' },
      {},
      ['/columns/x/analyte UNKNOWN_VALUE'],
    ],
    ['an analyte without a unit', without(percent, 'unit'), {}, ['/columns/x/unit MISSING_FIELD']],
    [
      'an analyte in another unit',
      { ...percent, unit: 'mg/dL' },
      {},
      ['/columns/x/unit UNIT_INCOMPATIBLE'],
    ],
    ['glucose by weight', { ...glucose, unit: 'kg' }, {}, ['/columns/x/unit UNIT_INCOMPATIBLE']],
    [
      'an analyte of a category',
      { type: 'category', domain: ['a'], analyte: 'hba1c' },
      {},
      ['/columns/x/analyte UNKNOWN_FIELD'],
    ],
    ['unknown unit at a holder', glucose, map('mg/100mL'), [`${at} UNIT_UNKNOWN`]],
    ['a word for a unit', { ...number, unit: 'kg' }, map('pounds'), [`${at} UNIT_UNKNOWN`]],
    ['another case', glucose, map('MMOL/L'), [`${at} UNIT_UNKNOWN`]],
    [
      'a name of every object',
      { ...number, unit: 'kg' },
      map('constructor'),
      [`${at} UNIT_UNKNOWN`],
    ],
    ['not printable', glucose, map('mg/dL\u0007'), [`${at} UNIT_UNKNOWN`]],
    ['another dimension', { ...number, unit: 'kg' }, map('cm'), [`${at} UNIT_INCOMPATIBLE`]],
    ['known to unknown', { ...number, unit: 'kg/m2' }, map('kg'), [`${at} UNIT_INCOMPATIBLE`]],
    ['the wrong analyte', glucose, map('%'), [`${at} UNIT_INCOMPATIBLE`]],
    [
      'mass to amount without an analyte',
      without(glucose, 'analyte'),
      map('mg/dL'),
      ['/columns/x/analyte MISSING_FIELD', `${at} UNIT_INCOMPATIBLE`],
    ],
    [
      'IFCC to NGSP without an analyte',
      without(percent, 'analyte'),
      map('mmol/mol'),
      ['/columns/x/analyte MISSING_FIELD', `${at} UNIT_INCOMPATIBLE`],
    ],
    [
      'JDS to NGSP without an analyte',
      without(percent, 'analyte'),
      map('%{JDS}'),
      ['/columns/x/analyte MISSING_FIELD', `${at} UNIT_INCOMPATIBLE`],
    ],
    ['months to whole years', { ...integer, unit: 'a' }, map('mo'), [`${at} UNIT_INCOMPATIBLE`]],
    ['a unit for a column without one', number, map('kg'), [`${at} UNIT_NOT_ALLOWED`]],
    [
      'a unit of the person',
      percent,
      { lu: { patient_id: { column: 'p', unit: '1' } } },
      ['/maps/lu/patient_id/unit UNIT_NOT_ALLOWED'],
    ],
  ];
  test.each(cases)('%s', (_, x, maps, expected) => {
    deepStrictEqual(
      refused(() => parse({ x }, maps)),
      expected,
    );
  });

  test('control: what they differ from is accepted', () => {
    for (const [x, unit] of [
      [glucose, 'mg/dL'],
      [percent, 'mmol/mol'],
      [percent, '%{JDS}'],
      [without(percent, 'analyte'), '%'],
      [{ ...number, unit: 'kg' }, '[lb_av]'],
      [{ ...number, unit: 'kg/m2' }, 'kg/m2'],
      [{ ...number, unit: 'a' }, 'mo'],
      [{ ...integer, unit: 'mo' }, 'a'],
    ] as const) {
      ok(parse({ x }, map(unit)));
    }
  });
});

describe('the source of a column', () => {
  test('is the map of the holder, or the column itself', () => {
    const section = parse({ x: percent }, map('mmol/mol'));
    const lu = columnSource(section, 'lu', 'x');
    deepStrictEqual([lu.header, lu.units?.source, lu.units?.stored], ['theirs', 'mmol/mol', '%']);
    deepStrictEqual(ruleOf(lu) && conversionWords(ruleOf(lu)!), 'x · 0.09148 + 2.152');
    const jp = columnSource(section, 'jp', 'x');
    deepStrictEqual([jp.header, jp.units?.source, ruleOf(jp)], ['x', '%', undefined]);
    deepStrictEqual(columnSource(section, 'valueOf', 'x').header, 'x');
    deepStrictEqual(personHeader(section, 'lu'), 'patient_id');
  });

  test('has a rule, or the column is refused: also where nobody checked the section', () => {
    for (const [x, unit] of [
      [percent, 'mg/dL'],
      [percent, 'whatever'],
      [{ type: 'category', domain: ['a'] }, '%'],
      [number, '%'],
    ] as const) {
      const section = { ...parse({ x }), maps: { lu: { x: { column: 'x', unit } } } };
      throws(() => columnSource(section, 'lu', 'x'), refusal('COHORT_UNIT_UNMAPPED'));
      ok(columnSource(section, 'jp', 'x'));
    }
  });
});

test('the codebook says what a column measures and how every holder has it', () => {
  const section = parse(
    { hba1c: percent, glucose, bmi: { ...number, unit: 'kg/m2' } },
    {
      lu: {
        hba1c: { column: 'hba1c_ifcc', unit: 'mmol/mol' },
        patient_id: { column: 'matricule' },
      },
      jp: { hba1c: { column: 'a1c', unit: '%{JDS}' }, glucose: { column: 'glu', unit: 'mg/dL' } },
    },
  );
  const columns = Object.entries(section.columns);
  deepStrictEqual(
    columns.map(([name, spec]) => columnWords(name, spec)),
    [
      'number from 0 to 100 % of hba1c, in steps of 1/10',
      'number from 0 to 100 mmol/L of glucose, in steps of 1/10',
      'number from 0 to 100 kg/m2, in steps of 1/10',
    ],
  );
  deepStrictEqual(mapWords(section), [
    'patient_id at lu: column matricule',
    'hba1c at lu: column hba1c_ifcc in mmol/mol, converted: x · 0.09148 + 2.152',
    'hba1c at jp: column a1c in %{JDS}, converted: x · 1.02 + 0.25',
    'glucose at lu: column glucose in mmol/L',
    'glucose at jp: column glu in mg/dL, converted: x ÷ 18.0156',
  ]);
});
