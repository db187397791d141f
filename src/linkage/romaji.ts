/**
 * One form for the spellings of a Japanese name in Latin letters: Hepburn (Shoji), Kunrei and
 * Nihon-shiki (Syozi), the passport's (Shoji, Shimba, Hotta), the "oh" spellings a passport allows
 * (Ohtani), word processors' (Shouji), with a macron, a circumflex or nothing for a long vowel.
 *
 * Sources  ISO 3602 and the Cabinet order of 1954 (Kunrei, Hepburn in its second table); Passport
 *          Act enforcement rules, article 9 (b, m, p take m; no long vowels; OH on request).
 * Form     consonants as in Kunrei-shiki, vowels short. The folding loses what Latin spellings do
 *          not show: Ono and Oono, Rena and Reina are one form. A key has a date of birth beside it.
 * @module
 */

const LONG_O = 'ow(?![aeiou])';
const CONSONANT = '(?:ch|sh|ts|dz|kw|gw|[kgsztdnhbpmrlfv])y?|jy?|[yw]';
/** A first consonant of a doubled pair; t before ch as well. */
const GEMINATE = 't(?=ch)|([ckstpgdbzjfhr])(?=\\1)';
const SYLLABLE = new RegExp(
  `^(?:(?:${GEMINATE})?(?:${CONSONANT})?(?:${LONG_O}|[aeiou](?:h(?![aeiouy]))?)|n|m(?=[bmp]))+$`,
);

/** Does `text`, lower-case a to z, read as syllables of Japanese in some spelling? */
export const isRomaji = (text: string): boolean => SYLLABLE.test(text);

/** In this order; together repeated until nothing changes. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/ow(?![aeiou])/g, 'o'],
  [/([aeiou])h(?![aeiouy])/g, '$1'],
  // Ohishi and Ohoka are Oishi and Ooka, Ohya is Ooya; Ohara is not Oara.
  [/^oh(?=[io])|oh(?=y)/g, 'o'],
  [/[tc]ch/g, 'tty'],
  [/jj/g, 'zzy'],
  [/ssh/g, 'ssy'],
  [/sh/g, 'sy'],
  [/ch/g, 'ty'],
  [/dz/g, 'z'],
  [/ts/g, 't'],
  [/jy?/g, 'zy'],
  [/f/g, 'h'],
  [/v/g, 'b'],
  [/l/g, 'r'],
  [/d(?=[iuy])/g, 'z'],
  [/([kg])w/g, '$1'],
  [/w(?=[ieo])/g, ''],
  [/m(?=[bmp])/g, 'n'],
  [/yi/g, 'i'],
  [/(?<![a-z])ye|(?<=[aeioun])ye/g, 'e'],
  [/o[ou]+/g, 'o'],
  [/e[ei]+/g, 'e'],
  [/([aiu])\1+/g, '$1'],
];

/** The common form of a text for which `isRomaji` holds. */
export function foldRomaji(text: string): string {
  let [before, after] = ['', text];
  while (after !== before) {
    before = after;
    after = RULES.reduce((form, [pattern, by]) => form.replace(pattern, by), before);
  }
  return after;
}
