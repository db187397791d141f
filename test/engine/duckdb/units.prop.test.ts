/**
 * A column in another unit is stored as the exact conversion says, rounded half away from zero:
 * DuckDB against the twin with fractions, over random decimals, values on and beside the points
 * where rounding turns, and texts that no arithmetic of fixed width can hold.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { Rational } from '../../../src/base/rational.ts';
import { columnSource, ruleOf } from '../../../src/cohort/column-source.ts';
import { type Conversion, converted, inverse } from '../../../src/cohort/conversion.ts';
import { decimalText } from '../../../src/cohort/decimal.ts';
import { planColumns } from '../../../src/cohort/schema.ts';
import { counting, jumpPlaces, largestRead } from '../../../src/engine/duckdb/counting.ts';
import { scaleOf } from '../../../src/engine/duckdb/parse-sql.ts';
import { Session } from '../../../src/engine/duckdb/session.ts';
import { scratch } from '../../support/scratch.ts';
import { csv } from './csv-text.ts';
import { load, section } from './loaded.ts';
import { stored, type TextRow } from './twin.ts';

const number = (min: number, max: number, step: string, unit: string, analyte?: string): Json => ({
  ...{ type: 'number', min, max, step, unit },
  ...(analyte === undefined ? {} : { analyte }),
});

/** name → column of the study, unit of the file. */
const COLUMNS: Readonly<Record<string, readonly [Json, string]>> = {
  ngsp: [number(3, 20, '1/10', '%', 'hba1c'), 'mmol/mol'],
  jds: [number(3, 20, '1/10', '%{JDS}', 'hba1c'), 'mmol/mol'],
  ifcc: [{ type: 'integer', min: 0, max: 200, unit: 'mmol/mol', analyte: 'hba1c' }, '%{JDS}'],
  glucose: [number(-2, 50, '1/100', 'mmol/L', 'glucose'), 'mg/dL'],
  creatinine: [number(0, 2000, '1/2', 'umol/L', 'creatinine'), 'g/L'],
  fever: [number(-40, 50, '1/10', 'Cel'), '[degF]'],
  frost: [number(-100, 100, '5/2', '[degF]'), 'K'],
  weight: [number(-1, 500, '1/1000', 'kg'), '[lb_av]'],
  months: [{ type: 'integer', min: 0, max: 1200, unit: 'mo' }, 'a'],
  thirds: [number(-9, 9, '1/3', 'm'), '[in_i]'],
};
const NAMES = Object.keys(COLUMNS);

const cohort = section({
  columns: {
    row: { type: 'integer', min: 0, max: 100_000 },
    ...Object.fromEntries(NAMES.map((name) => [name, COLUMNS[name]![0]])),
  },
  maps: {
    lu: Object.fromEntries(NAMES.map((name) => [name, { column: name, unit: COLUMNS[name]![1] }])),
  },
});
const columns = planColumns(cohort);
const rules = columns.map(({ name }) => ruleOf(columnSource(cohort, 'lu', name)));

/** The value of the file at which the column counts `half` / 2 steps, `beside` it by 10^-21. */
function turn(rule: Conversion, step: Rational, half: bigint, beside: number): string {
  const value = converted(inverse(rule), step.times(Rational.of(half, 2)));
  // Where the turn has no end, what is beside it so closely is not told apart: cut it off.
  return jumpPlaces(step, rule) === undefined
    ? value.toDecimalUp(12)
    : decimalText(value.plus(Rational.of(beside, 10n ** 21n)));
}

const plain = fc
  .tuple(fc.bigInt({ min: -30_000_000n, max: 30_000_000n }), fc.integer({ min: 0, max: 14 }))
  .map(([digits, places]) => decimalText(Rational.of(digits, 10n ** BigInt(places))));
const extreme = fc.constantFrom(
  ...['9e999', '-9e999', '1e-999', '-1e-999', '1e300', '0', '-0', '+48', '48.', '.5', '4.8e1'],
  ...['9'.repeat(100), `-${'9'.repeat(100)}`, `0.${'9'.repeat(98)}`, '170141183460469231731'],
  ...['170141183460469231731687303715884105727', '-170141183460469231731687303715884105728'],
  ...['9223372036854775807', '-9223372036854775808', '', 'NA', 'haemolysed', '1,5', '0x10', 'NaN'],
);

/** A row: which number it is and one text for each column. */
const row = fc.record(
  Object.fromEntries(
    NAMES.map((name) => {
      const column = columns.find((one) => one.name === name);
      const rule = rules[columns.findIndex((one) => one.name === name)];
      ok(column !== undefined && 'step' in column && rule !== undefined, name);
      const turning = fc
        .tuple(
          fc.bigInt({ min: 2n * column.min - 3n, max: 2n * column.max + 3n }),
          fc.constantFrom(-1, 0, 1),
        )
        .map(([half, beside]) => turn(rule, column.step, half, beside));
      return [
        name,
        fc.oneof(
          { weight: 4, arbitrary: plain },
          { weight: 5, arbitrary: turning },
          { weight: 1, arbitrary: extreme },
        ),
      ];
    }),
  ),
);

async function storedValues(target: string): Promise<(bigint | null)[][]> {
  const options = { file: target, readOnly: true, tmpDirectory: scratch(), threads: 1 };
  const session = await Session.open({ ...options, memoryLimit: '256MB' });
  try {
    const names = columns.map((_, i) => `c${i}`).join(', ');
    const at = columns.findIndex(({ name }) => name === 'row');
    const rows = await session.rows(`SELECT ${names} FROM cohort ORDER BY c${at}`);
    return rows.map((values) =>
      values.map((value) => (value === null ? null : BigInt(String(value)))),
    );
  } finally {
    session.close();
  }
}

describe('converted columns', () => {
  test('are what the twin says', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 250, maxLength: 250 }), async (texts) => {
        const rows: TextRow[] = texts.map((one, i) => ({ ...one, pid: `P${i}`, row: String(i) }));
        const { target, report } = await load(cohort, [csv(['pid', 'row', ...NAMES], rows)]);
        const expected = rows.map((one) =>
          columns.map((column, i) => stored(column, one[column.name]!, cohort.nulls, rules[i])),
        );
        const actual = await storedValues(target);
        for (const [i, values] of expected.entries()) {
          deepStrictEqual(actual[i], values, JSON.stringify(rows[i]));
          kept += values.filter((value) => value !== null).length;
        }
        for (const column of report.columns) {
          const nulls = rows.filter(({ [column.name]: text }) => text === '' || text === 'NA');
          equal(column.nulls, nulls.length);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
    ok(kept > 4000, `control: ${kept} values were stored`);
  });

  test('that are too large are out of the domain, never an error, and never unreadable', async () => {
    const huge = [
      '9e999',
      '-9e999',
      '9'.repeat(100),
      `-${'9'.repeat(99)}`,
      '1e38',
      '-1e38',
      '1e19',
    ];
    const rows = huge.map((text, i) => ({
      ...Object.fromEntries(NAMES.map((name) => [name, text])),
      pid: `P${i}`,
      row: String(i),
    }));
    const { report } = await load(cohort, [csv(['pid', 'row', ...NAMES], rows)]);
    for (const { name, nulls, outOfDomain, unparsable } of report.columns) {
      const expected = name === 'row' ? 0 : huge.length;
      deepStrictEqual([nulls, outOfDomain, unparsable], [0, expected, 0], name);
    }
  });

  test('are computed in as many bits as public bounds ask for', () => {
    for (const [i, column] of columns.entries()) {
      const rule = rules[i];
      if (!('step' in column) || rule === undefined) continue;
      const { x, y, z } = counting(column.step, rule);
      const v = Rational.of(987, 10);
      const u = v.times(Rational.of(x)).plus(Rational.of(y)).dividedBy(Rational.of(z));
      ok(u.equals(converted(rule, v).dividedBy(column.step)));
      // Nothing inside the bounds is ever cut off in front of the point.
      for (const end of [column.min, column.max]) {
        const back = converted(inverse(rule), column.step.times(Rational.of(end)));
        ok(Rational.of(largestRead(column, rule)).compare(back) >= 0, column.name);
        ok(Rational.of(largestRead(column, rule)).compare(back.negate()) >= 0, column.name);
      }
      ok(scaleOf(column, rule).fractionDigits <= 31);
    }
  });
});
