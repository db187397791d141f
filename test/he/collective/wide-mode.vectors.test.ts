/**
 * Known answers of this project for vectors wider than 32 bits, as the plan chooses them: one modulus over
 * the larger ring, and two moduli over one, with every intermediate. Made by this code once; randomness
 * and shortened values are as in seeded-mode.vectors.test.ts.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { Secret } from '../../../src/base/secret.ts';
import { chooseParameters } from '../../../src/he/choose.ts';
import { createKeyShare, keyId } from '../../../src/he/collective/key.ts';
import {
  combineVector,
  encryptVector,
  maskVector,
  type Sets,
  sumVectors,
  vectorShare,
} from '../../../src/he/collective/vector.ts';
import { digest, seededRng } from '../support.ts';

const identity = {
  study: digest('vector study'),
  flow: 'pooled-aggregate',
  epoch: 3,
  attempt: 1,
  holders: ['jp', 'lu'],
};
const [run, plan] = [digest('vector run'), digest('vector plan')];
const vectors = {
  jp: [5n, -7n, 2n ** 60n, -(2n ** 60n), 0n],
  lu: [37n, -35n, 2n ** 60n - 1n, -(2n ** 60n), -1n],
};
/** Bits of the largest sum that a choice is for. */
const CHOICES = { 'one modulus, n = 8192': 55n, 'two moduli': 61n };

const short = (bytes: Uint8Array): { bytes: number; sha256: string; head: string } => ({
  bytes: bytes.length,
  sha256: sha256Hex(bytes),
  head: toHex(bytes.subarray(0, 16)),
});

async function holder(sets: Sets, bits: bigint, name: 'jp' | 'lu', peer: string) {
  const pair = new Secret(
    'pair',
    Uint8Array.from({ length: 32 }, (_, i) => i),
  );
  const shares = sets.map((set) =>
    createKeyShare(set, identity, seededRng(`vector/${name}/${set.id}`)),
  );
  const values = BigInt64Array.from(vectors[name], (value) =>
    bits < 61n && value * value > 2n ** 20n ? value / 64n : value,
  );
  const context = { holder: name, peers: new Map([[peer, pair]]), run, planDigest: plan };
  const masked = maskVector(sets, values, context);
  const shown = masked.map((slots) => Array.from(slots, String));
  const keys = { shares, run };
  const input = await encryptVector(sets, keys, masked, seededRng(`vector/${name}/encrypt`));
  const part = await vectorShare(sets, keys, 5, seededRng(`vector/${name}/share`));
  return { input, part, shown: { masked: shown, contribution: short(input), share: short(part) } };
}

async function compute(bits: bigint): Promise<object> {
  const facts = { ciphertexts: 2 ** 20, holders: 2, mode: 'seeded' } as const;
  const { sets } = chooseParameters({ ...facts, largestSum: 2n ** bits - 1n });
  const jp = await holder(sets, bits, 'jp', 'lu');
  const lu = await holder(sets, bits, 'lu', 'jp');
  const sum = await sumVectors(sets, [jp.input, lu.input], 5);
  const values = await combineVector(sets, sum, [jp.part, lu.part], 5);
  return {
    parameters: sets.map(({ id }) => id),
    key: keyId(identity),
    jp: jp.shown,
    lu: lu.shown,
    sum: short(sum),
    values: Array.from(values, String),
  };
}

const file = join(import.meta.dirname, 'vectors', 'wide-mode.json');

test.each(Object.entries(CHOICES))('%s', async (name, bits) => {
  const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
  deepStrictEqual(await compute(bits), known[name]);
});
