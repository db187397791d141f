/** Linkage keys: the construction by hand, and what they must depend on. */
import { deepStrictEqual, equal, notDeepStrictEqual } from 'node:assert/strict';
import { createHmac, hkdfSync } from 'node:crypto';
import { describe, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import type { Pass } from '../../src/linkage/field.ts';
import { KEY_BYTES, keyOfStudy, passKey } from '../../src/linkage/key.ts';

const study = (byte: number): Secret =>
  keyOfStudy(new Secret('study', new Uint8Array(32).fill(byte)));
const record = { family: 'sato', given: 'taro', birth: '1985-06-14' };
const pass: Pass = ['family', 'birth'];

describe('passKey', () => {
  test('is HMAC-SHA-256 under a key derived from the secret, each text after its length', () => {
    const key = hkdfSync(
      'sha256',
      new Uint8Array(32).fill(1),
      new Uint8Array(0),
      'kakehashi/linkage/1 key',
      32,
    );
    const message = '6:family4:sato5:birth10:1985-06-14';
    const expected = createHmac('sha256', new Uint8Array(key)).update(message).digest();
    deepStrictEqual(
      passKey(record, pass, 'left', study(1)),
      new Uint8Array(expected.subarray(0, KEY_BYTES)),
    );
  });

  test('depends on the secret, the pass and its values, not on the side', () => {
    const base = passKey(record, pass, 'left', study(1));
    deepStrictEqual(passKey(record, pass, 'right', study(1)), base);
    notDeepStrictEqual(passKey(record, pass, 'left', study(2)), base);
    notDeepStrictEqual(passKey(record, ['birth', 'family'], 'left', study(1)), base);
    notDeepStrictEqual(passKey({ ...record, family: 'kato' }, pass, 'left', study(1)), base);
    // What a separator could confuse a length does not.
    const ab = passKey({ family: 'ab', given: 'c' }, ['family', 'given'], 'left', study(1));
    notDeepStrictEqual(
      passKey({ family: 'a', given: 'bc' }, ['family', 'given'], 'left', study(1)),
      ab,
    );
  });

  test('a missing field gives no key', () => {
    equal(passKey({ family: 'sato' }, pass, 'left', study(1)), undefined);
    equal(passKey({}, ['name'], 'left', study(1)), undefined);
  });

  test('a name does not depend on which part stands where', () => {
    const swapped = { ...record, family: record.given, given: record.family };
    for (const element of ['name', 'name.sound', 'name.initials'] as const)
      deepStrictEqual(
        passKey(swapped, [element], 'left', study(1)),
        passKey(record, [element], 'right', study(1)),
      );
    deepStrictEqual(
      passKey({ name: 'sato taro' }, ['name'], 'left', study(1)),
      passKey(record, ['name'], 'left', study(1)),
    );
  });

  test('a missing date meets any date of the other side, two dates never meet by it', () => {
    const undated = { family: 'sato' };
    const by = (one: typeof undated, side: 'left' | 'right') =>
      passKey(one, ['family', 'birth.missingLeft'], side, study(1));
    deepStrictEqual(by(undated, 'left'), by(record, 'right'));
    equal(by(record, 'left'), undefined);
  });
});
