/**
 * Dates of birth in the forms of hospital exports to YYYY-MM-DD.
 *
 * ISO 8601 with any separator or none, day before month as Europe writes it (14.06.1985), months
 * in English, French, German, Luxembourgish and Portuguese words, 1985年6月14日, and eras (era.ts).
 * A midnight behind a date is dropped. Nothing is guessed: two-digit years, month before day in
 * figures, days that do not exist, and what is no date give undefined, which is "missing" in a pass.
 * @module
 */
import { dayOf } from '../base/calendar.ts';
import { eraDate } from './era.ts';
import { foldedText } from './fold.ts';

/** The words of a month, without marks; at least three letters of one decide. */
const MONTHS: readonly string[] = [
  'january januar janvier janeiro',
  'february februar fevrier fevereiro',
  'march marz maerz mars marco',
  'april avril abril',
  'may mai mee maio',
  'june juni juin junho',
  'july juli juillet julho',
  'august aout agosto',
  'september septembre setembro',
  'october oktober octobre outubro',
  'november novembre novembro',
  'december dezember decembre dezembro dezember',
];

/** jui is June or July: a word that begins names of two months names none. */
function monthOf(word: string): number | undefined {
  if (word.length < 3) return undefined;
  const exact = MONTHS.findIndex((names) => names.split(' ').includes(word));
  if (exact >= 0) return exact + 1;
  const found = MONTHS.flatMap((names, i) =>
    names.split(' ').some((name) => name.startsWith(word)) ? [i + 1] : [],
  );
  return found.length === 1 ? found[0] : undefined;
}

const iso = (year: string, month: string | number, day: string): string | undefined => {
  const text = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  return dayOf(text) === undefined ? undefined : text;
};

type Form = readonly [RegExp, (parts: readonly string[]) => string | undefined];

const FORMS: readonly Form[] = [
  [/^(\d{4})([-./ ]?)(\d{2})\2(\d{2})$/, ([, y = '', , m = '', d = '']) => iso(y, m, d)],
  [/^(\d{4})([-./])(\d{1,2})\2(\d{1,2})$/, ([, y = '', , m = '', d = '']) => iso(y, m, d)],
  [/^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日$/, ([, y = '', m = '', d = '']) => iso(y, m, d)],
  [/^(\d{1,2})([-./])(\d{1,2})\2(\d{4})$/, ([, d = '', , m = '', y = '']) => iso(y, m, d)],
  [
    /^(\d{1,2})(?:st|nd|rd|th|er|\.)?[- ]?(?:de )?([a-z]+)\.?[- ]?(?:de )?,? ?(\d{4})$/,
    ([, d = '', word = '', y = '']) => iso(y, monthOf(word) ?? 0, d),
  ],
  [
    /^([a-z]+)\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4})$/,
    ([, word = '', d = '', y = '']) => iso(y, monthOf(word) ?? 0, d),
  ],
];

const MIDNIGHT = /[t ]00:00(?::00(?:\.0+)?)?(?:z|[+-]00:?00)?$/;

/** The day as YYYY-MM-DD; undefined where `text` names none for sure. */
export function canonicalDate(text: string): string | undefined {
  const plain = foldedText(text).replace(/\s+/g, ' ').trim().replace(MIDNIGHT, '');
  for (const [form, read] of FORMS) {
    const parts = form.exec(plain);
    if (parts !== null) return read(parts);
  }
  return eraDate(plain);
}
