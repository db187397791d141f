/**
 * Encodings bit for bit those of clkhash. The two records of data61/clkhash 8e46f9fb
 * tests/test_clk.py::test_encoding_regression (schema version 1, written here as the version 3 that
 * means the same), and, where the shared data is there, keys, tokens and 40 encodings computed with
 * unmodified clkhash 0.18.3.
 */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { Secret } from '../../../src/base/secret.ts';
import { clkKeys, encodeClk } from '../../../src/linkage/bloom/encode.ts';
import { type Comparison, parseClkSchema } from '../../../src/linkage/bloom/schema.ts';
import { tokensOf } from '../../../src/linkage/bloom/tokens.ts';
import { refusal } from '../../support/refusal.ts';
import { refused } from '../../support/refused.ts';
import { sharedData } from '../../support/shared-data.ts';

const secretOf = (text: string): Secret => new Secret('test', utf8(text));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const feature = (
  identifier: string,
  format: object,
  comparison: object,
  bitsPerToken: number,
): object => ({
  identifier,
  format,
  hashing: { comparison, strategy: { bitsPerToken }, hash: { type: 'doubleHash' } },
});
const KDF = {
  type: 'HKDF',
  hash: 'SHA256',
  salt: 'SCbL2zHNnmsckfzchsNkZY9XoHk96P/G5nUBrM7ybymlEFsMV6PAeDZCNp3rfNUPCtLDMOGQHG4pCQpfhiHCyA==',
  info: 'c2NoZW1hX2V4YW1wbGU=',
  keySize: 64,
};
const bigrams = { type: 'ngram', n: 2 };
const digits = { type: 'ngram', n: 1, positional: true };
const SCHEMA = {
  version: 3,
  clkConfig: { l: 1024, kdf: KDF },
  features: [
    feature('name', { type: 'string', encoding: 'utf-8', case: 'upper' }, bigrams, 60),
    feature(
      'id',
      { type: 'string', encoding: 'ascii', pattern: '[a-z][a-z][a-z]\\d\\d\\d' },
      digits,
      30,
    ),
    feature('dob', { type: 'date', format: '%Y-%m-%d' }, { ...bigrams, positional: true }, 15),
    feature('gender', { type: 'enum', values: ['M', 'F'] }, { type: 'ngram', n: 1 }, 30),
    feature('children', { type: 'integer', maximum: 20 }, digits, 30),
  ],
};

describe('test_encoding_regression', () => {
  const schema = parseClkSchema(SCHEMA);
  const keys = clkKeys(schema, secretOf('chicken'));
  test.each([
    [
      ['KÉVIN', 'kev007', '1963-12-13', 'M', '1'],
      'SU9+/O/Jzzi0sfzH8K2l3+qfhn8Ky3jVI21DVdH9j2fXE++JH8GcQGSeYxDZFxALCAT8CHwYJyQcRT3MhUQOFWcOf5fWdr6ofh6DYy8iv////weyunbMahfV9RMWkRwQmBL3fjreUVOCS9D9kAbQC2XgULidKCTHd9ZpbPJ91eE=',
    ],
    [
      ['JOHN HOWARD, ESQ.', 'stv534', '1992-02-29', 'M', '16'],
      'Pfl1/d7/31/+9u9x9zv//76/83//0v1Xt/dX/3X/e79XP7vd+Xfkf//2/9Xb/7Fd73e9f/n0f/c7Vb99B/X29d8997Pz/vJ87X/X/vcX9vt1d+/+5bP1fvfevnfX8d/f/j0XPL7f999kc/28/3d4c7t/9b/+Pf411/f2+3z1d/s=',
    ],
  ])('%j', (values, expected) => equal(base64(encodeClk(values, schema, keys)), expected));

  test.each([
    [['Kévin', 'kev007', '1963-12-13', 'M', '1'], 'case'],
    [['KÉVIN', 'kev07', '1963-12-13', 'M', '1'], 'pattern'],
    [['KÉVIN', 'kev007', '1963-02-30', 'M', '1'], 'a day that is none'],
    [['KÉVIN', 'kev007', '13.12.1963', 'M', '1'], 'another date form'],
    [['KÉVIN', 'kev007', '1963-12-13', 'X', '1'], 'a value that is not listed'],
    [['KÉVIN', 'kev007', '1963-12-13', 'M', '21'], 'above the maximum'],
    [['KÉVIN', 'kev007', '1963-12-13', 'M', 'one'], 'no integer'],
    [['KÉVIN', 'kev007', '1963-12-13', 'M'], 'a column too few'],
  ])('%j is refused: %s', (values) => {
    throws(() => encodeClk(values, schema, keys), refusal('INVALID_PARAMETER'));
  });
});

const conformance = sharedData('clk/clkhash_conformance_shared.json');
const febrl = sharedData('linkage/febrl_dataset1.csv');
const final = sharedData('clk/clkhash_febrl_schema_v3_final.json');
describe.skipIf(conformance === undefined || febrl === undefined || final === undefined)(
  'clkhash 0.18.3',
  () => {
    type Fixture = {
      hkdf: { master: string; keysHex: string[][] };
      tokens: { comparison: Record<string, unknown>; input: string; tokens: string[] }[];
      febrl1_first40_schema_final_secret_secret: { clks: string[] };
    };
    const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
    const fixture = (): Fixture => read(conformance!) as Fixture;

    test('HKDF: two keys for each column', () => {
      const { hkdf } = fixture();
      const schema = parseClkSchema({ ...SCHEMA, features: SCHEMA.features.slice(0, 3) });
      equal(toHex(clkKeys(schema, secretOf(hkdf.master)).expose()), hkdf.keysHex.flat().join(''));
    });

    test('tokens', () => {
      for (const { comparison, input, tokens } of fixture().tokens) {
        const given = {
          positional: false,
          ...comparison,
          interval: comparison['thresholdDistance'],
          precision: 0,
        } as unknown as Comparison;
        deepStrictEqual(tokensOf(input, given), tokens);
      }
    });

    test('40 records of FEBRL 1', () => {
      const schema = parseClkSchema(read(final!));
      const keys = clkKeys(schema, secretOf('secret'));
      const rows = readFileSync(febrl!, 'utf8').trim().split('\n').slice(1, 41);
      deepStrictEqual(
        rows.map((line) =>
          base64(
            encodeClk(
              line.split(',').map((text) => text.trim()),
              schema,
              keys,
            ),
          ),
        ),
        fixture().febrl1_first40_schema_final_secret_secret.clks,
      );
    });

    test('the schemas of clkhash: good ones of version 3 are read, others refused', () => {
      const file = (name: string): unknown => read(sharedData(`clk/clkhash_${name}.json`)!);
      for (const name of [
        'good-schema-v3',
        'febrl_schema_v3_reduced',
        'febrl_schema_v3_overweight',
      ])
        equal(parseClkSchema(file(name)).length, 1024);
      for (const name of ['bad-schema-v3', 'good-schema-v1', 'good-schema-v2'])
        throws(() => parseClkSchema(file(name)), refusal('INVALID_PARAMETER'));
    });
  },
);

describe('blakeHash and parts of the schema', () => {
  const one = (hashing: object, format: object = { type: 'string' }): unknown => ({
    version: 3,
    clkConfig: { kdf: { type: 'HKDF' } },
    features: [{ identifier: 'x', format, hashing }],
  });

  test('bitsPerFeature is shared, the first tokens take the rest; nothing gives no bit', () => {
    const schema = parseClkSchema(one({ comparison: bigrams, strategy: { bitsPerFeature: 40 } }));
    const keys = clkKeys(schema, secretOf('s'));
    const ones = (text: string): number =>
      encodeClk([text], schema, keys).reduce(
        (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
        0,
      );
    equal(ones(''), 0);
    equal(ones('a') > 30 && ones('a') <= 40, true);
    equal(ones('abcdefgh') <= 40, true);
  });

  test('a sentinel is replaced and not checked', () => {
    const hashing = { comparison: { type: 'exact' }, strategy: { bitsPerToken: 9 } };
    const missing = { ...hashing, missingValue: { sentinel: '?', replaceWith: 'none' } };
    const [plain, replaced] = [one(hashing), one(missing, { type: 'string', maxLength: 4 })].map(
      parseClkSchema,
    );
    const keys = clkKeys(plain!, secretOf('s'));
    deepStrictEqual(encodeClk(['?'], replaced!, keys), encodeClk(['none'], plain!, keys));
  });

  test.each([
    [{ ...SCHEMA, version: 2 }, '/version OUT_OF_RANGE'],
    [
      { ...SCHEMA, clkConfig: { l: 1024, kdf: KDF, xorFolds: 1 } },
      '/clkConfig/xorFolds NOT_SERVED_YET',
    ],
    [
      { ...SCHEMA, clkConfig: { l: 1000, kdf: { ...KDF, type: 'scrypt' } } },
      '/clkConfig/kdf/type UNKNOWN_VALUE',
    ],
    [one({ comparison: bigrams, strategy: {} }), '/features/0/hashing/strategy WRONG_FORMAT'],
    [
      one({
        comparison: { type: 'numeric', thresholdDistance: 0, resolution: 1 },
        strategy: { bitsPerToken: 1 },
      }),
      '/features/0/hashing/comparison/thresholdDistance OUT_OF_RANGE',
    ],
    [
      one(
        { comparison: bigrams, strategy: { bitsPerToken: 1 } },
        { type: 'string', pattern: '(a+)+$' },
      ),
      '/features/0/format/pattern NOT_SERVED_YET',
    ],
    [
      one(
        { comparison: bigrams, strategy: { bitsPerToken: 1 } },
        { type: 'date', format: '%d %B %Y' },
      ),
      '/features/0/format/format NOT_SERVED_YET',
    ],
  ])('refuses schema %#', (schema, error) => {
    equal(refused(() => parseClkSchema(schema)).includes(error), true);
  });
});
