/** Days since 1970-01-01 against a count by the Gregorian leap rule. */
import { equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { dayOf, dayText, endOfDay } from '../../src/base/calendar.ts';

const leap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const lengths = (year: number): number[] => [
  ...[31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31],
];

/** Counts day by day, as a calendar on a wall does. */
function counted(year: number, month: number, day: number): number {
  let days = 0;
  for (let y = Math.min(year, 1970); y < Math.max(year, 1970); y += 1) days += leap(y) ? 366 : 365;
  const start = year < 1970 ? -days : days;
  return (
    start +
    lengths(year)
      .slice(0, month - 1)
      .reduce((sum, n) => sum + n, 0) +
    day -
    1
  );
}

const text = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

describe('dayOf', () => {
  test('agrees with counting, and dayText is its inverse', () => {
    const date = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
    );
    fc.assert(
      fc.property(date, ([year, month, day]) => {
        const exists = day <= (lengths(year)[month - 1] ?? 0);
        const expected = exists ? counted(year, month, day) : undefined;
        equal(dayOf(text(year, month, day)), expected);
        if (expected !== undefined) equal(dayText(expected), text(year, month, day));
      }),
    );
  });

  test('the ends of the range, leap days, the epoch', () => {
    equal(dayOf('1970-01-01'), 0);
    equal(dayOf('1969-12-31'), -1);
    equal(dayOf('2000-02-29'), 11016);
    equal(dayOf('1900-02-29'), undefined);
    equal(dayOf('0001-01-01'), -719162);
    equal(dayOf('9999-12-31'), 2932896);
    equal(endOfDay(0).toISOString(), '1970-01-02T00:00:00.000Z');
  });

  for (const bad of [
    '',
    '2020-1-1',
    '2020-02-30',
    '2020-13-01',
    '2020-00-10',
    '2020-01-00',
    '20200101',
    '0000-01-01',
    '2020-01-01T00:00:00Z',
    ' 2020-01-01',
    '2020-01-01\n',
    '+002020-01-01',
    '２０２０-01-01',
    '12020-01-01',
  ]) {
    test(`refuses ${JSON.stringify(bad)}`, () => equal(dayOf(bad), undefined));
  }
});
