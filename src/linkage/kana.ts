/**
 * Kana of every width to Latin letters; kanji are refused, for they can be read in several ways.
 *
 * wanakana spells the plain syllables. What it leaves is done here: iteration marks, the small
 * vowels of foreign names (ティ, ファ, ヴァ), and hyphens typed for the prolonged sound mark.
 * Unicode: NFKC (UAX 15) makes half-width kana full-width and joins their voicing marks.
 * @module
 */
import { toKatakana, toRomaji } from 'wanakana';
import { Refusal } from '../base/errors.ts';

const KANJI = /\p{Script=Han}/u;
/** The prolonged sound mark is of both scripts, so of neither. */
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const KATAKANA = '[\\u30a1-\\u30fc]';

export const hasKana = (text: string): boolean => KANA.test(text);

/** Refuses a name that has kanji: no reading is guessed. `where` says which value, never what. */
export function refuseKanji(text: string, where: string): void {
  if (!KANJI.test(text)) return;
  const detail = `${where}: a name in kanji has no sure reading; give it in kana`;
  throw new Refusal('INVALID_PARAMETER', detail, {
    errors: [{ pointer: '', code: 'NAME_NEEDS_KANA' }],
  });
}

/** ヽ repeats the syllable before it, ヾ voices it: カヾ is カガ, ヾ after an unvoiceable one repeats. */
const spellOutMarks = (text: string): string =>
  text
    .replace(/([\u30a1-\u30fa])[ヽゝ]/g, '$1$1')
    .replace(/([\u30a1-\u30fa])[ヾゞ]/g, (_, kana: string) => {
      const voiced = `${kana}\u3099`.normalize('NFC');
      return kana + (voiced.length === 1 ? voiced : kana);
    });

const OLD: readonly (readonly [RegExp, string])[] = [
  [/ヵ/g, 'カ'],
  [/ヶ/g, 'ケ'],
  [/ヷ/g, 'ヴァ'],
  [/ヸ/g, 'ヴィ'],
  [/ヹ/g, 'ヴェ'],
  [/ヺ/g, 'ヴォ'],
];

const SMALL: Readonly<Record<string, string>> = {
  ァ: 'a',
  ィ: 'i',
  ゥ: 'u',
  ェ: 'e',
  ォ: 'o',
  ヮ: 'wa',
  ュ: 'yu',
  ョ: 'yo',
  ャ: 'ya',
};

/** テ + ィ is ti: the consonant of the one with the vowel of the other. */
const foreignSyllables = (text: string): string =>
  text.replace(
    /([\u30a1-\u30f4])([ァィゥェォヮ])|([テデトドフヴ])([ャュョ])/g,
    (whole, large?: string, vowel?: string, other?: string, glide?: string) => {
      const base = toRomaji(large ?? other ?? '').replace(/[aeiou]$/, '');
      const tail = SMALL[vowel ?? glide ?? ''];
      return tail === undefined ? whole : base + tail;
    },
  );

/** Latin letters for the kana of `text`, which is in NFKC; other characters stay. */
export function kanaToLatin(text: string): string {
  const katakana = toKatakana(text, { passRomaji: true }).replace(
    new RegExp(`(?<=${KATAKANA})[-\\u2010-\\u2015\\u2212]`, 'g'),
    'ー',
  );
  const plain = OLD.reduce((form, [pattern, by]) => form.replace(pattern, by), katakana);
  return toRomaji(foreignSyllables(spellOutMarks(plain))).replace(/[ー-]/g, '');
}
