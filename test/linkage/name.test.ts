/** European names, whole names, what is refused, and that the form is a form of itself. */
import { deepStrictEqual, equal, notEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { canonicalFullName, canonicalName } from '../../src/linkage/name.ts';
import { soundCode } from '../../src/linkage/sound.ts';
import { refused } from '../support/refused.ts';

describe('canonicalName', () => {
  test.each([
    ['umlauts', ['Müller', 'Mueller', 'MÜLLER', 'Muller', 'Mu\u0308ller']],
    ['eszett', ['Weiß', 'WEISS', 'weiss']],
    ['Scandinavian letters', ['Sørensen', 'Sorensen', 'SØRENSEN']],
    ['Polish l', ['Łukasz', 'Lukasz']],
    ['Portuguese', ['Gonçalves', 'GONCALVES']],
    ['particles', ['van der Meer', 'Vandermeer', 'Van der Meer', 'MEER']],
    ['Portuguese particles', ['da Silva', 'Silva', 'Da silva']],
    ['German particles', ['von Hoffmann', 'Hoffmann', 'HOFFMANN, von']],
    ['titles and initials', ['Dr. Jean P.', 'Jean', 'JEAN']],
    ['hyphens and spaces', ['Anne-Sophie', 'Anne Sophie', 'Annesophie', 'Anne‐Sophie']],
    ['apostrophes', ["O'Brien", 'O’Brien', 'OBrien']],
    ['full width', ['Ｓｃｈｍｉｔ', 'Schmit']],
  ])('%s', (name, spellings) => {
    equal(new Set(spellings.map((text) => canonicalName(text))).size, 1, name);
  });

  test('names that differ stay different', () => {
    notEqual(canonicalName('Schmit'), canonicalName('Schmitz'));
    notEqual(canonicalName('Weber'), canonicalName('Wagner'));
    notEqual(canonicalName('Hana'), canonicalName('Hanna'));
  });

  test('a name of particles only stays, nothing is nothing', () => {
    equal(canonicalName('Le'), canonicalName('LE'));
    equal(typeof canonicalName('Van De'), 'string');
    for (const nothing of ['', '  ', '-', '123', '.']) equal(canonicalName(nothing), undefined);
  });

  test.each([
    ['佐藤', 'NAME_NEEDS_KANA'],
    ['佐藤 タロウ', 'NAME_NEEDS_KANA'],
    ['佐々木', 'NAME_NEEDS_KANA'],
    ['Иван', 'NAME_SCRIPT_UNKNOWN'],
    ['Γιώργος', 'NAME_SCRIPT_UNKNOWN'],
    ['김', 'NAME_SCRIPT_UNKNOWN'],
  ])('%s is refused with %s', (text, code) => {
    deepStrictEqual(
      refused(() => canonicalName(text)),
      [code],
    );
    throws(
      () => canonicalName(text, 'left table, record 3, family'),
      (error) =>
        error instanceof Refusal &&
        error.detail.startsWith('left table, record 3, family: ') &&
        !error.detail.includes(text),
    );
  });

  test('the form is a form of itself, and has a to z only', () => {
    const letters = fc.constantFrom(
      ...Array.from("aeiouhjlnmstckwyzbdgrvfäöüßøéñ ou oh shch-'. ーあきしんっゃヴ"),
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 14 }), (list) => {
        const form = canonicalName(list.join(''));
        if (form === undefined) return;
        equal(/^[a-z]+$/.test(form), true);
        equal(canonicalName(form), form);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a whole name does not depend on the order of its words', () => {
  const form = canonicalFullName('サトウ　タロウ');
  deepStrictEqual(form, canonicalFullName('Tarō SATOH'));
  deepStrictEqual(form, ['sato', 'taro']);
  deepStrictEqual(canonicalFullName('Muller, Jean'), canonicalFullName('Jean Müller'));
});

test('sound codes: the examples of the US National Archives, with l and r in one class', () => {
  const codes = { washington: 'w252', lee: 'r000', gutierrez: 'g342', pfister: 'p234' };
  deepStrictEqual(
    Object.fromEntries(Object.keys(codes).map((name) => [name, soundCode(name)])),
    codes,
  );
  equal(soundCode('ashcraft'), soundCode('ashclaft'));
});
