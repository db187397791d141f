/**
 * Japanese era years to years of the Gregorian calendar, between an era's first and last day.
 *
 * An era begins with the day its decree names: Taisho with 30 July 1912, Showa with
 * 25 December 1926 (both the day the old era ended, which here counts for the new one), Heisei
 * with 8 January 1989, Reiwa with 1 May 2019. Forms after JIS X 0301 (M, T, S, H, R and the first
 * character of the name), and the names in full.
 *
 * Meiji begins with 25 January 1868, the day to which the decree of October was made to reach back.
 * Japan counted months by the moon until 2 December of Meiji 5; such dates are read as they stand,
 * as if of the Gregorian calendar, which moves them by some weeks. Nobody born then is in a cohort.
 * @module
 */
import { dayOf } from '../base/calendar.ts';

type Era = { readonly year: number; readonly first: string; readonly last: string };

const ERAS: Readonly<Record<string, Era>> = {
  明治: { year: 1868, first: '1868-01-25', last: '1912-07-29' },
  大正: { year: 1912, first: '1912-07-30', last: '1926-12-24' },
  昭和: { year: 1926, first: '1926-12-25', last: '1989-01-07' },
  平成: { year: 1989, first: '1989-01-08', last: '2019-04-30' },
  令和: { year: 2019, first: '2019-05-01', last: '9999-12-31' },
};

const SHORT: Readonly<Record<string, string>> = {
  ...{ m: '明治', t: '大正', s: '昭和', h: '平成', r: '令和' },
  ...{ 明: '明治', 大: '大正', 昭: '昭和', 平: '平成', 令: '令和' },
};

const FORM =
  /^(明治|大正|昭和|平成|令和|[mtshr明大昭平令])\.? ?(元|\d{1,2})(?:年|[-./])? ?(\d{1,2})(?:月|[-./]) ?(\d{1,2})日?$/;
/** Without separators a number has two digits: S600614. */
const COMPACT = /^([mtshr明大昭平令])(\d{2})(\d{2})(\d{2})$/;

/**
 * The day that `text`, in NFKC and lower case, names in an era, as YYYY-MM-DD; undefined where
 * it is no such form, no day of the calendar, or a day outside its era.
 */
export function eraDate(text: string): string | undefined {
  const [, name = '', year = '', month = '', day = ''] =
    COMPACT.exec(text) ?? FORM.exec(text) ?? [];
  const era = ERAS[SHORT[name] ?? name];
  const count = year === '元' ? 1 : Number(year);
  if (era === undefined || count === 0) return undefined;
  const date = `${era.year + count - 1}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return dayOf(date) === undefined || date < era.first || date > era.last ? undefined : date;
}
