/**
 * The oldest attack on Bloom-filter encodings: whoever has no key, but knows how common names are,
 * reads the commonest encodings. Hardening takes the frequencies away, which is all that is shown
 * here: encode.ts says why encodings still stay inside one party.
 */
import { equal, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { shake128 } from '../../../src/base/hash.ts';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { clkKeys, encodeClk } from '../../../src/linkage/bloom/encode.ts';
import { randomisedResponse } from '../../../src/linkage/bloom/harden.ts';
import { parseClkSchema } from '../../../src/linkage/bloom/schema.ts';

/** Surnames by number of bearers, so that each rank is one name. */
const PEOPLE = ['schmit', 'muller', 'weber', 'wagner', 'hoffmann', 'thill'].flatMap((name, rank) =>
  Array.from({ length: 60 - 9 * rank }, () => name),
);
const BY_RANK = [...new Set(PEOPLE)];

const schema = parseClkSchema({
  version: 3,
  clkConfig: { kdf: { type: 'HKDF' } },
  features: [
    {
      identifier: 'name',
      format: { type: 'string' },
      hashing: { comparison: { type: 'ngram', n: 2 }, strategy: { bitsPerFeature: 200 } },
    },
  ],
});

/** Ranks encodings by frequency and gives each the name of its rank; how many people are right. */
function readByFrequency(encodings: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const one of encodings) counts.set(one, (counts.get(one) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([one]) => one);
  return encodings.filter((one, i) => BY_RANK[ranked.indexOf(one)] === PEOPLE[i]).length;
}

test('frequencies name everybody without the key; after randomised response, next to nobody', () => {
  using secret = new Secret('study', new Uint8Array(32).fill(3));
  using keys = clkKeys(schema, secret);
  let call = 0;
  const rng = (length: number): Uint8Array => shake128(utf8(`hardening ${call++}`), length);
  const plain = PEOPLE.map((name) => encodeClk([name], schema, keys));
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

  // Positive control: the attack works where it should.
  equal(readByFrequency(plain.map(text)), PEOPLE.length);
  const hardened = plain.map((one) => randomisedResponse(one, Rational.of(19n, 20n), rng));
  ok(readByFrequency(hardened.map(text)) <= BY_RANK.length);
});
