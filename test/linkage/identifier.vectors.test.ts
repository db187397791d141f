/**
 * Matricules printed in public sources: gemineo/luxmatricule baeafedb (luxmatricule_test.go) and
 * grischard/lu.snj.matricule 72e4dd7f; the Individual Number of the JPMyNumber package's README.
 * Check digits: ISO/IEC 7812-1 annex B gives 3 for 7992739871; Verhoeff's of 236 is 3.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { canonicalPostcode, canonicalText } from '../../src/linkage/address.ts';
import { luhnDigit, verhoeffDigit } from '../../src/linkage/check-digit.ts';
import {
  canonicalIdentifier,
  canonicalMatricule,
  isMatricule,
  isMyNumber,
} from '../../src/linkage/identifier.ts';
import { canonicalSex } from '../../src/linkage/sex.ts';
import { refused } from '../support/refused.ts';

const VALID = ['2015123101725', '2014082601689', '1974091186700', '1982080285657', '1893120105732'];

describe('Luxembourg matricule', () => {
  test.each(VALID)('%s', (text) => {
    equal(isMatricule(text), true);
    equal(canonicalMatricule(`${text.slice(0, 4)} ${text.slice(4, 8)} ${text.slice(8)}`), text);
  });

  test.each([
    '',
    'A',
    '12A3',
    '123',
    '123456789012A',
    '1B23456789012',
    '+1245678901223',
    '1234567890123',
  ])('"%s" is none', (text) => equal(canonicalMatricule(text), undefined));

  test('every wrong digit is found, and a check digit over the other one is not taken', () => {
    for (const valid of VALID) {
      for (let at = 0; at < valid.length; at++) {
        for (let digit = 0; digit < 10; digit++) {
          const other = valid.slice(0, at) + String(digit) + valid.slice(at + 1);
          equal(isMatricule(other), other === valid);
        }
      }
      // Verhoeff over 12 digits, as some describe it, would be another number.
      const body = valid.slice(0, 12);
      equal(
        isMatricule(body + String(verhoeffDigit(body))),
        verhoeffDigit(body) === Number(valid[12]),
      );
    }
  });

  test('Luhn and Verhoeff', () => {
    equal(luhnDigit('7992739871'), 3);
    equal(verhoeffDigit('236'), 3);
    equal(verhoeffDigit('12345'), 1);
  });
});

describe('My Number', () => {
  test('123456789018 is one, its neighbours are not', () => {
    const valid = Array.from({ length: 10 }, (_, digit) => `12345678901${digit}`).filter(
      isMyNumber,
    );
    deepStrictEqual(valid, ['123456789018']);
  });

  test.each(['123456789018', '1234 5678 9018', '１２３４５６７８９０１８', '1234-5678-9018'])(
    '%s is refused',
    (text) => {
      for (const read of [canonicalIdentifier, canonicalMatricule])
        deepStrictEqual(
          refused(() => read(text)),
          ['MY_NUMBER_REFUSED'],
        );
    },
  );

  test('other identifiers pass', () => {
    equal(canonicalIdentifier('ab-12 34'), 'AB1234');
    equal(canonicalIdentifier('123456789012'), '123456789012');
    equal(canonicalIdentifier(' - '), undefined);
  });
});

test.each([
  ['f', ['F', 'f', '2', 'female', 'Féminin', 'weiblich', 'W', '女', '女性', '２']],
  ['m', ['M', 'm', '1', 'Male', 'masculin', 'MÄNNLICH', '男', '男性', 'Ｍ']],
  [undefined, ['', '0', '9', 'U', 'O', 'X', 'unknown', 'fm']],
] as const)('sex %s', (code, texts) => {
  for (const text of texts) equal(canonicalSex(text), code, text);
});

test('postal codes and address words', () => {
  for (const text of ['L-1234', 'LU 1234', '1234', 'l1234', '１２３４'])
    equal(canonicalPostcode(text), '1234');
  for (const text of ['〒100-0001', '100-0001', '1000001'])
    equal(canonicalPostcode(text), '1000001');
  equal(canonicalPostcode(''), undefined);
  equal(canonicalText('Esch-sur-Alzette'), canonicalText('ESCH SUR ALZETTE'));
  equal(canonicalText('Rue de l’Église, 3'), 'ruedeleglise3');
  equal(canonicalText('東京都がわ'), '東京都がわ');
});
