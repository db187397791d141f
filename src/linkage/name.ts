/**
 * The canonical form of a name: lower-case a to z without spaces, the same for every script,
 * width, spelling system and diacritic that it may be written in.
 *
 *     ｻﾄｳ、さとう、Satō、Satoh → sato      Müller, Mueller, MULLER → muller
 *     van der Berg, Vanderberg, Berg → berg      Anne-Sophie, Anne Sophie → annesophie
 *
 * What reads as Japanese syllables is folded as romaji, everything else as a European name: which
 * one is a function of the text alone, so that both parties fold alike without telling each other.
 * Titles and particles go, for registers disagree about them; a name of only particles stays.
 * The form is for keys, not for people: it merges some names that are different, and where a European
 * name reads as Japanese its ae, oe and ue stay (Soerensen is not Sørensen).
 * @module
 */
import { Refusal } from '../base/errors.ts';
import { hasKana, kanaToLatin, refuseKanji } from './kana.ts';
import { foldRomaji, isRomaji } from './romaji.ts';

/** Letters that Unicode does not decompose into a base letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  þ: 'th',
};

const wordSet = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const TITLES = wordSet('dr prof mr mrs ms mme mlle herr frau jr sr');
const PARTICLES = wordSet(
  'van von vom der den de des du da do dos das di del della la le les ten ter zu zum zur e y af av',
);

const SEPARATOR = /[\s\-\u2010-\u2015\u2212.,;/_・·゠=＝]+/u;

/** Lower-case letters of the Latin alphabet, words separated by spaces. */
function toLatin(text: string, where: string): string {
  const wide = text.normalize('NFKC');
  refuseKanji(wide, where);
  const latin = (hasKana(wide) ? kanaToLatin(wide) : wide)
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđðħıłŋþ]/g, (letter) => LETTERS[letter] ?? letter)
    .split(SEPARATOR)
    // What is left are digits, apostrophes and signs; a letter of another script is no noise.
    .map((word) => word.replace(/[^a-z\p{L}]/gu, ''))
    .filter((word) => word !== '')
    .join(' ');
  if (/[^a-z ]/.test(latin)) {
    const detail = `${where}: a name is neither in Latin letters nor in kana`;
    throw new Refusal('INVALID_PARAMETER', detail, {
      errors: [{ pointer: '', code: 'NAME_SCRIPT_UNKNOWN' }],
    });
  }
  return latin;
}

/** `words` without those that `drop` holds for, unless that is all of them. */
function without(words: readonly string[], drop: (word: string) => boolean): readonly string[] {
  const rest = words.filter((word) => !drop(word));
  return rest.length === 0 ? words : rest;
}

function significant(latin: string): readonly string[] {
  const titled = without(latin.split(' '), (word) => TITLES.has(word));
  const whole = without(titled, (word) => word.length === 1);
  return without(whole, (word) => PARTICLES.has(word)).map((word) =>
    word.replace(/^vande[rn]?(?=[^aeiouy][a-z]{2})/, ''),
  );
}

/** European spellings: the vowels that stand for ä, ö and ü. */
const foldLatin = (text: string): string => text.replace(/([aou])e/g, '$1');

const foldOnce = (text: string): string => (isRomaji(text) ? foldRomaji(text) : foldLatin(text));

function fold(text: string): string {
  let [before, after] = ['', text];
  while (after !== before) [before, after] = [after, foldOnce(after)];
  return after;
}

/**
 * The form of one part of a name, family or given; undefined where no letter is there. Refuses
 * kanji and other scripts with INVALID_PARAMETER; `where` names the value for the detail.
 */
export function canonicalName(text: string, where = 'name'): string | undefined {
  const latin = toLatin(text, where);
  return latin === '' ? undefined : fold(significant(latin).join(''));
}

/** The words of a whole name in one column, each in its form, in alphabetical order. */
export function canonicalFullName(text: string, where = 'name'): readonly string[] {
  const latin = toLatin(text, where);
  return latin === '' ? [] : significant(latin).map(fold).sort();
}
