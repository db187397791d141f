/**
 * Known answers of this project for the seeded mode, with every intermediate, so that a change of
 * any byte on the wire or in a key file is seen and named. The vectors were made by this code once
 * and are checked against the definitions by the other tests of this folder; randomness is
 * `seededRng` of test/he/support.ts. Long values are given as SHA-256 and their first bytes.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { Secret } from '../../../src/base/secret.ts';
import { combineShares } from '../../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import { createKeyShare, keyId, serializeKeyShare } from '../../../src/he/collective/key.ts';
import { applyMask, zeroSumMask } from '../../../src/he/collective/masks.ts';
import { publicValues } from '../../../src/he/collective/seed.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../../src/he/ring/parameters.ts';
import { reduceToSlots } from '../../../src/he/ring/plaintext.ts';
import { digest, seededRng } from '../support.ts';

const identity = {
  study: digest('vector study'),
  flow: 'pooled-aggregate',
  epoch: 3,
  attempt: 1,
  holders: ['lu', 'jp'],
};
const [run, plan] = [digest('vector run'), digest('vector plan')];
const vectors = { jp: [5n, -7n, 2n ** 31n - 1n, -(2n ** 31n)], lu: [37n, -35n, 1n, -1n] };

const short = (bytes: Uint8Array): { bytes: number; sha256: string; head: string } => ({
  bytes: bytes.length,
  sha256: sha256Hex(bytes),
  head: toHex(bytes.subarray(0, 16)),
});

const holder = (name: 'jp' | 'lu', peer: string) => {
  const share = createKeyShare(P, identity, seededRng(`vector/${name}/key`));
  const pairKey = new Secret(
    'pair',
    Uint8Array.from({ length: 32 }, (_, i) => i),
  );
  const values = reduceToSlots(BigInt64Array.from(vectors[name]));
  const mask = zeroSumMask(name, new Map([[peer, pairKey]]), run, plan, values.length);
  const masked = applyMask(values, mask);
  const input = encryptSeeded(P, share, run, masked, seededRng(`vector/${name}/encrypt`));
  const part = decryptionShare(P, share, run, 1, seededRng(`vector/${name}/share`));
  return {
    input,
    part,
    shown: {
      keyFile: short(serializeKeyShare(share).expose()),
      mask: [...mask],
      masked: [...masked],
      contribution: short(input),
      share: short(part),
    },
  };
};

/** Everything the file lists, computed. */
function compute(): object {
  const [jp, lu] = [holder('jp', 'lu'), holder('lu', 'jp')];
  const sum = sumCiphertexts(P, [jp.input, lu.input]);
  const key = keyId(identity);
  return {
    parameters: P.id,
    key,
    c1: publicValues(P, key, run, 0).limbs.map((limb) => [...limb.subarray(0, 4)]),
    jp: jp.shown,
    lu: lu.shown,
    sum: short(sum),
    values: [...combineShares(P, sum, [jp.part, lu.part], 4)].map(String),
  };
}

test('every intermediate of a run of two holders', () => {
  const file = join(import.meta.dirname, 'vectors', 'seeded-mode.json');
  deepStrictEqual(compute(), JSON.parse(readFileSync(file, 'utf8')));
});
