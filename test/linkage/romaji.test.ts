/**
 * One form for every spelling system. The pairs are those of yomikun-database
 * tests/utils/romaji/test_romaji_key.py (richardjharris, commit 9e536d66), which says of each
 * whether it is one reading; the rest follows from ISO 3602 and the passport rules.
 */
import { deepStrictEqual, equal, notEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { canonicalName } from '../../src/linkage/name.ts';
import { isRomaji } from '../../src/linkage/romaji.ts';
import { kanaForm, romanise, SYSTEMS } from '../support/romanise.ts';
import { Seeded } from '../support/seeded.ts';
import { sharedData } from '../support/shared-data.ts';

const SAME = [
  ...['yuusuke yusuke', "man'you manyou", 'goto gotou', 'otani ohtani', 'kireh kirei'],
  ...['Yūsuke yuusuke', 'Yûsuke yuusuke', 'shiina shina', 'satow satou', 'shumpei shunpei'],
  ...['kaili kairi', 'shimba shinba', 'homma honma', 'tomo-o tomo', "ken'ichi kenichi"],
  ...['kumanogoh kumanogou', 'kumanogou kumanogo', 'yuhsuke yuusuke', 'ohishi oishi'],
  ...['ohiwa oiwa', 'ohoka oooka', 'ohoka ōoka', 'ohori oori', 'ōue ooue'],
];
const DIFFERENT = ['takashi takeshi', 'gotou botou', 'ooi aoi', 'saitou satoiu', 'sito saito'];

const forms = (pair: string): (string | undefined)[] =>
  pair.split(' ').map((one) => canonicalName(one));

describe('spellings of one reading', () => {
  test.each(SAME)('%s', (pair) => {
    const [a, b] = forms(pair);
    equal(a, b);
  });
  test.each(DIFFERENT)('not %s', (pair) => {
    const [a, b] = forms(pair);
    notEqual(a, b);
  });

  test.each([
    ['Hepburn, Kunrei, Nihon-shiki', ['Shōji', 'Syôzi', 'Syouzi', 'Shoji', 'Shohji', 'しょうじ']],
    ['sokuon before ch', ['Hotchi', 'Hocchi', 'Hotti', 'ホッチ']],
    ['ぢ and づ', ['Kanazu', 'Kanadzu', 'Kanadu', 'かなづ']],
    ['widths', ['ﾍﾞｯﾌﾟ', 'ベップ', 'べっぷ', 'Beppu', 'Ｂｅｐｐｕ']],
    ['iteration marks', ['スヾキ', 'すゞき', 'スズキ', 'Suzuki']],
    ['a hyphen for the long mark', ['ユ-ジ', 'ユージ', 'Yūji']],
    ['foreign syllables', ['ティモ', 'Timo']],
    ['old kana', ['ヱミ', 'えみ', 'Emi']],
  ])('%s', (_, spellings) => {
    equal(new Set(spellings.map((text) => canonicalName(text))).size, 1);
  });

  test.each(['muller', 'weber', 'schmit', 'kr', 'berg', 'sophie'])('%s is not romaji', (text) => {
    equal(isRomaji(text), false);
  });
});

/** Readings of syllables that Japanese names have, without a nasal or a pause where none can be. */
const reading = fc
  .array(
    fc.constantFrom(
      ...'か き く け こ さ し す せ そ た ち つ て と な に の は ひ ふ ま み む や ゆ よ ら り る れ わ が ぎ じ ず ど ば び ぶ しょう きょう ちょ りゅう じゅん けん しん どう ゆう よう おお ろう っか っぺ っち'.split(
        ' ',
      ),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join('').replace(/^っ/, ''))
  // Ohi and Oho at the front are read as the passport's OH; two long vowels in a row are no name.
  .filter((text) => !/^お[おう]*[ひほふ]|うお|.おお/.test(text));

test('every system and every width of a reading has one form, which is its own form', () => {
  fc.assert(
    fc.property(reading, fc.integer({ min: 0, max: 1000 }), (hiragana, seed) => {
      const source = new Seeded(`spelling ${seed}`, 200);
      const form = canonicalName(hiragana);
      for (const system of SYSTEMS) {
        equal(canonicalName(romanise(hiragana, system, source)), form, system);
      }
      for (const width of [1, 2]) equal(canonicalName(kanaForm(hiragana, width)), form);
      equal(canonicalName(form ?? ''), form);
    }),
    { numRuns: 300 },
  );
});

const gimei = sharedData('names/gimei_names_kanji_hiragana_katakana_romaji.csv');
test.skipIf(gimei === undefined)(
  '4,580 of 13,739 names: hiragana, katakana and romaji agree',
  () => {
    const all = readFileSync(gimei!, 'utf8').trim().split('\n').slice(1);
    const lines = all.filter((_, i) => i % 3 === 0);
    const odd = lines.filter((line) => {
      const [, , , hiragana, katakana, romaji] = line.split(',');
      return new Set([hiragana, katakana, romaji].map((text) => canonicalName(text!))).size !== 1;
    });
    deepStrictEqual([lines.length, odd], [4580, []]);
  },
);
