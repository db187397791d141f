/**
 * RFC 8785: the worked example of section 3.2.2 to 3.2.4, the sort order of section 3.2.3 and the
 * numbers of appendix B.
 */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { canonicalBytes, canonicalJson, parseStrict } from '../../src/base/canonical-json.ts';
import { refusal } from '../support/refusal.ts';

const SAMPLE = String.raw`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`;

test('section 3.2.2 and 3.2.3: the worked example', () => {
  equal(
    canonicalJson(parseStrict(SAMPLE)),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('section 3.2.4: the example as UTF-8', () => {
  equal(
    toHex(canonicalBytes(parseStrict(SAMPLE))).slice(0, 64),
    '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e',
  );
});

test('section 3.2.3: keys sort by UTF-16 code units, not by code point', () => {
  // The RFC's seventh key, U+FB33, is not in NFC and so is refused here; U+FF01 takes its place.
  const keys = ['\u20ac', '\r', '\uff01', '1', '\u{1f600}', '\u0080', '\u00f6'];
  const value = Object.fromEntries(keys.map((key) => [key, 0]));
  deepStrictEqual(Object.keys(JSON.parse(canonicalJson(value)) as object), [
    '1',
    '\r',
    '\u0080',
    '\u00f6',
    '\u20ac',
    '\u{1f600}',
    '\uff01',
  ]);
  equal(canonicalJson(value).indexOf('\\r') < canonicalJson(value).indexOf('"1"'), true);
  throws(() => canonicalJson({ '\ufb33': 0 }), refusal('MALFORMED_MESSAGE'));
});

const double = (bits: string): number => Buffer.from(bits, 'hex').readDoubleBE();

describe('appendix B: numbers', () => {
  const vectors: readonly (readonly [string, string])[] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ];
  for (const [bits, text] of vectors) {
    test(`${bits} is ${text}`, () => equal(canonicalJson(double(bits)), text));
  }

  for (const bits of ['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000']) {
    test(`${bits} is refused`, () => {
      throws(() => canonicalJson(double(bits)), refusal('MALFORMED_MESSAGE'));
    });
  }
});
