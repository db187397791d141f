/**
 * Derived columns: DuckDB against a slow twin that walks the calendar month by month, over random
 * dates of three centuries and all around the ends of months; null where a date is.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { dayOf, dayText } from '../../../src/base/calendar.ts';
import { planColumns } from '../../../src/cohort/schema.ts';
import { Session } from '../../../src/engine/duckdb/session.ts';
import { scratch } from '../../support/scratch.ts';
import { load, section } from './loaded.ts';

const WIDE = { type: 'date', min: '0001-01-01', max: '9999-12-31' };
const whole = (derived: Json, bound = 4_000_000): Json => ({
  ...{ type: 'integer', min: -bound, max: bound, derived },
});

const cohort = section({
  columns: {
    row: { type: 'integer', min: 0, max: 100_000 },
    birth: WIDE,
    visit: WIDE,
    age: whole({ years: ['birth', 'visit'] }),
    months: whole({ months: ['birth', 'visit'] }),
    days: whole({ days: ['birth', 'visit'] }),
    // Before its dates in the order of names, and with bounds that many values are outside of.
    adult: { ...(whole({ years: ['birth', 'visit'] }, 120) as object), min: 18 },
  },
});
const NAMES = planColumns(cohort).map(({ name }) => name);

type Day = { readonly year: number; readonly month: number; readonly day: number };

function partsOf(text: string): Day {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return { year, month, day };
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

/** The month after or before. */
function stepped({ year, month, day }: Day, by: 1 | -1): Day {
  const next = month + by;
  if (next === 13) return { year: year + 1, month: 1, day };
  return next === 0 ? { year: year - 1, month: 12, day } : { year, month: next, day };
}

/** Is the day of this month reached: itself, or the first of the next where it has no such day. */
function reached(at: Day, by: Day): boolean {
  const exists = at.day <= daysIn(at.year, at.month);
  const due = exists ? at : { ...stepped(at, 1), day: 1 };
  const key = ({ year, month, day }: Day): number => (year * 100 + month) * 100 + day;
  return key(due) <= key(by);
}

function monthsBetween(from: string, to: string): number {
  const [start, end] = [partsOf(from), partsOf(to)];
  let months = 0;
  let at = start;
  while (!reached(at, end)) {
    at = stepped(at, -1);
    months -= 1;
  }
  for (let next = stepped(at, 1); reached(next, end); next = stepped(next, 1)) months += 1;
  return months;
}

const yearsBetween = (from: string, to: string): number => Math.floor(monthsBetween(from, to) / 12);

const daysBetween = (from: string, to: string): number => dayOf(to)! - dayOf(from)!;

type Dates = readonly [birth: string, visit: string];

async function storedOf(rows: readonly Dates[]) {
  const texts = rows.map(([birth, visit], i) => `P${i},${i},${birth},${visit}\n`).join('');
  const { target, report } = await load(cohort, [`pid,row,birth,visit\n${texts}`]);
  const options = { file: target, readOnly: true, tmpDirectory: scratch(), threads: 1 };
  const session = await Session.open({ ...options, memoryLimit: '256MB' });
  try {
    const wanted = ['age', 'months', 'days', 'adult', 'row'].map((n) => `c${NAMES.indexOf(n)}`);
    const stored = await session.rows(`SELECT ${wanted.join(', ')} FROM cohort ORDER BY 5`);
    const numbers = stored.map((row) =>
      row.slice(0, 4).map((value) => (value === null ? null : Number(value))),
    );
    return { numbers, report };
  } finally {
    session.close();
  }
}

function expected([birth, visit]: Dates): (number | null)[] {
  if (dayOf(birth) === undefined || dayOf(visit) === undefined) return [null, null, null, null];
  const age = yearsBetween(birth, visit);
  const adult = age >= 18 && age <= 120 ? age : null;
  return [age, monthsBetween(birth, visit), daysBetween(birth, visit), adult];
}

const anyDay = fc.integer({ min: dayOf('1850-01-01')!, max: dayOf('2150-12-31')! }).map(dayText);
/** The last three days of a month and the first two of the next. */
const monthEnd = fc
  .tuple(
    fc.integer({ min: 1890, max: 2104 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: -3, max: 1 }),
  )
  .map(([year, month, by]) => dayText(dayOf(`${year}-${String(month).padStart(2, '0')}-01`)! + by));
const text = fc.oneof(
  { weight: 5, arbitrary: anyDay },
  { weight: 5, arbitrary: monthEnd },
  { weight: 1, arbitrary: fc.constantFrom('', 'NA', '2021-02-29', 'x') },
);

describe('derived columns', () => {
  test('are what the twin says', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, text), { minLength: 300, maxLength: 300 }),
        async (rows) => {
          const { numbers } = await storedOf(rows);
          for (const [i, row] of rows.entries()) {
            const should = expected(row);
            deepStrictEqual(numbers[i], should, row.join(' to '));
            kept += should.filter((value) => value !== null).length;
          }
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
    ok(kept > 1500, `control: ${kept} values were stored`);
  });

  test('count birthdays of 29 February, ends of months and days before 1970 as they say', async () => {
    const rows: readonly (readonly [...Dates, age: number, months: number, days: number])[] = [
      ['2000-02-29', '2001-02-28', 0, 11, 365],
      ['2000-02-29', '2001-03-01', 1, 12, 366],
      ['2000-02-29', '2004-02-28', 3, 47, 1460],
      ['2000-02-29', '2004-02-29', 4, 48, 1461],
      ['1896-02-29', '1904-02-29', 8, 96, 2921],
      ['2001-01-31', '2001-02-28', 0, 0, 28],
      ['2001-01-31', '2001-03-01', 0, 1, 29],
      ['2001-01-31', '2001-03-30', 0, 1, 58],
      ['2001-01-31', '2001-03-31', 0, 2, 59],
      ['1969-12-31', '1970-01-01', 0, 0, 1],
      ['1931-07-04', '1969-07-03', 37, 455, 13_879],
      ['2020-05-06', '2020-05-06', 0, 0, 0],
      ['2020-05-06', '2020-05-05', -1, -1, -1],
      ['0001-01-01', '9999-12-31', 9998, 119_987, 3_652_058],
    ];
    const { numbers } = await storedOf(rows.map(([birth, visit]) => [birth, visit]));
    deepStrictEqual(
      numbers.map((values) => values.slice(0, 3)),
      rows.map(([, , ...values]) => values),
    );
  });

  test('are null where a date is, and out of the domain outside their bounds', async () => {
    const { report } = await storedOf([
      ['1950-01-01', '2020-01-01'],
      ['2010-01-01', '2020-01-01'],
      ['1850-01-01', '2020-01-01'],
      ['', '2020-01-01'],
      ['1950-01-01', '2020-02-30'],
    ]);
    const counted = (name: string) => {
      const { nulls, outOfDomain, unparsable } = report.columns.find((c) => c.name === name)!;
      return [nulls, outOfDomain, unparsable];
    };
    deepStrictEqual(counted('adult'), [2, 2, 0]);
    deepStrictEqual(counted('age'), [2, 0, 0]);
    deepStrictEqual(counted('visit'), [0, 0, 1]);
  });

  test('need no header, and one of their name is another column of the file', async () => {
    const rows = 'P1,7,1950-01-01,2020-01-01\nP2,8,1960-01-01,2020-01-01\n';
    const header = 'pid,age,birth,visit,row\n';
    const { report } = await load(cohort, [header + rows.replaceAll('\n', ',0\n')]);
    equal(report.columns.find(({ name }) => name === 'age')?.outOfDomain, 0);
    const young = section({
      columns: { birth: WIDE, visit: WIDE, age: whole({ years: ['birth', 'visit'] }, 50) },
    });
    const other = await load(young, [header + rows.replaceAll('\n', ',0\n')]);
    // 70 and 60 years, whatever the file says.
    equal(other.report.columns.find(({ name }) => name === 'age')?.outOfDomain, 2);
  });
});
