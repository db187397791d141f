/**
 * National numbers as a linkage field.
 *
 * Luxembourg   the matricule of 13 digits since 2014: date of birth, three digits, and two check
 *              digits, Luhn and Verhoeff, both over the first 11 (OECD, TIN sheet of Luxembourg).
 * Japan        the Individual Number ("My Number", 12 digits) is refused: the My Number Act
 *              (Act 27 of 2013, articles 9, 19 and 20) allows collecting and giving it for the
 *              purposes it lists only, and research linkage is none. A value is taken for one if
 *              its check digit fits, which about one in ten other 12-digit numbers does by chance.
 *              Check digit: Ordinance 85 of 2014 of the Ministry of Internal Affairs, article 5.
 * Others       letters and digits as they stand, in upper case: a hospital's or insurer's number.
 * @module
 */
import { dayOf } from '../base/calendar.ts';
import { Refusal } from '../base/errors.ts';
import { luhnDigit, verhoeffDigit } from './check-digit.ts';

/** Is `text` (13 digits) a Luxembourg matricule of a day that exists? */
export function isMatricule(text: string): boolean {
  if (!/^\d{13}$/.test(text)) return false;
  const birth = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  const body = text.slice(0, 11);
  return (
    dayOf(birth) !== undefined && text.slice(11) === `${luhnDigit(body)}${verhoeffDigit(body)}`
  );
}

/** Is `text` (12 digits) a Japanese Individual Number by its check digit? */
export function isMyNumber(text: string): boolean {
  if (!/^\d{12}$/.test(text)) return false;
  const sum = Array.from(text.slice(0, 11), Number)
    .reverse()
    .reduce((total, digit, i) => total + digit * (i < 6 ? i + 2 : i - 4), 0);
  const rest = sum % 11;
  return Number(text[11]) === (rest <= 1 ? 0 : 11 - rest);
}

/** Letters and digits in upper case. Refuses a My Number; `where` names the value, never its content. */
function plainNumber(text: string, where: string): string | undefined {
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  if (isMyNumber(plain)) {
    const detail = `${where}: a Japanese Individual Number (My Number) may not be used for linkage`;
    throw new Refusal('INVALID_PARAMETER', detail, {
      errors: [{ pointer: '', code: 'MY_NUMBER_REFUSED' }],
    });
  }
  return plain === '' ? undefined : plain;
}

/** The form of a number of any register; undefined where there is none. */
export const canonicalIdentifier = (text: string, where = 'identifier'): string | undefined =>
  plainNumber(text, where);

/** The 13 digits of a valid matricule; undefined for everything else. */
export function canonicalMatricule(text: string, where = 'matricule'): string | undefined {
  const plain = plainNumber(text, where);
  return plain !== undefined && isMatricule(plain) ? plain : undefined;
}
