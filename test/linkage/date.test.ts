/**
 * Dates: the forms of go-wareki (hideshi, a285552c), Lingua-JA-FindDates and JIS X 0301, era
 * boundaries, and what is refused.
 */
import { equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { dayOf, dayText } from '../../src/base/calendar.ts';
import { canonicalDate } from '../../src/linkage/date.ts';

/** First day, last day, name, letter, year that is year 1. */
const ERAS = [
  ['1868-01-25', '1912-07-29', '明治', 'M', 1868],
  ['1912-07-30', '1926-12-24', '大正', 'T', 1912],
  ['1926-12-25', '1989-01-07', '昭和', 'S', 1926],
  ['1989-01-08', '2019-04-30', '平成', 'H', 1989],
  ['2019-05-01', '2030-12-31', '令和', 'R', 2019],
] as const;

const spelt = (iso: string, name: string, first: number): string => {
  const [y, m, d] = iso.split('-').map(Number) as [number, number, number];
  return `${name}${y - first + 1}年${m}月${d}日`;
};

describe('eras', () => {
  test.each(ERAS)('%s to %s is %s, and no day more', (first, last, name, letter, year) => {
    for (const day of [first, last]) {
      equal(canonicalDate(spelt(day, name, year)), day);
      equal(canonicalDate(spelt(day, letter, year)), day);
    }
    const [before, after] = [dayText(dayOf(first)! - 1), dayText(dayOf(last)! + 1)];
    equal(canonicalDate(spelt(before, name, year)), undefined);
    if (name !== '令和') equal(canonicalDate(spelt(after, name, year)), undefined);
  });

  test.each([
    ['平成24年3月28日', '2012-03-28'],
    ['昭和元年12月26日', '1926-12-26'],
    ['昭和64年1月1日', '1989-01-01'],
    ['平成31年4月30日', '2019-04-30'],
    ['令和元年5月1日', '2019-05-01'],
    ['平成２年１０月１０日', '1990-10-10'],
    ['昭和６０年 ６月１４日', '1985-06-14'],
    ['㍼60年6月14日', '1985-06-14'],
    ['H01.02.03', '1989-02-03'],
    ['Ｈ０１．０２．０３', '1989-02-03'],
    ['平01.2.3', '1989-02-03'],
    ['S60/6/14', '1985-06-14'],
    ['s600614', '1985-06-14'],
    ['M45.2.3', '1912-02-03'],
  ])('%s', (text, iso) => equal(canonicalDate(text), iso));

  test.each([
    'H0.1.1',
    '平成元年1月7日',
    '昭和64年1月8日',
    'S60.2.29',
    'X60.1.1',
    '01.02.03',
    '平成35年1月1日',
  ])('%s is no date', (text) => equal(canonicalDate(text), undefined));
});

describe('Gregorian forms', () => {
  test.each([
    ...['1985-06-14', '19850614', '1985/6/14', '1985.06.14', '1985 06 14', '14.06.1985'],
    ...['14/06/1985', '14-6-1985', '14 juin 1985', '14. Juni 1985', 'June 14, 1985', '14 Jun 1985'],
    ...[
      '14-Jun-1985',
      '14 de junho de 1985',
      'June 14th 1985',
      '1985年6月14日',
      '１９８５年６月１４日',
    ],
    ...[' 1985-06-14 ', '1985-06-14T00:00:00Z', '1985-06-14 00:00:00.000'],
  ])('%s', (text) => equal(canonicalDate(text), '1985-06-14'));

  test.each([
    ['3 août 1990', '1990-08-03'],
    ['1er janvier 2000', '2000-01-01'],
    ['8. Mäerz 1977', '1977-03-08'],
    ['29/02/2000', '2000-02-29'],
  ])('%s', (text, iso) => equal(canonicalDate(text), iso));

  test.each([
    ...['06/14/1985', '31.02.1985', '29.02.1900', '14.06.85', '1985-13-01', '1985-6', '0000-01-01'],
    ...[
      '14 jui 1985',
      '14 xyz 1985',
      '1985-06-14T12:00:00Z',
      '',
      'unknown',
      '19329026',
      '1985/06-14',
    ],
  ])('"%s" is no date', (text) => equal(canonicalDate(text), undefined));
});

test('every day has one form however it is written, and the form is a form of itself', () => {
  const days = fc.integer({ min: dayOf('1873-01-01')!, max: dayOf('2029-12-31')! });
  fc.assert(
    fc.property(days, (day) => {
      const iso = dayText(day);
      const [y, m, d] = iso.split('-') as [string, string, string];
      const [, , name, letter, first] = ERAS.findLast(([from]) => from <= iso)!;
      const writings = [
        iso,
        `${y}${m}${d}`,
        `${Number(d)}.${Number(m)}.${y}`,
        `${y}年${Number(m)}月${Number(d)}日`,
      ];
      for (const text of [...writings, spelt(iso, name, first), spelt(iso, letter, first)])
        equal(canonicalDate(text), iso, text);
    }),
    { numRuns: 300 },
  );
});
