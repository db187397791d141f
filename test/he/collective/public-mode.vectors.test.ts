/**
 * Known answers of this project for public-key mode at n = 8192, t = 2^40, with every intermediate: key
 * generation, encryption, sum, share, switch to a recipient. Made by this code once; randomness is
 * `seededRng` of test/he/support.ts. Long values are given as length and SHA-256.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { sha256Hex } from '../../../src/base/hash.ts';
import { createKeyShare, type KeyShare } from '../../../src/he/collective/key.ts';
import { commitTo, createPublicShare, KeyCeremony } from '../../../src/he/collective/public-key.ts';
import {
  combinePublic,
  combineSwitched,
  keySwitchShare,
  publicDecryptionShare,
} from '../../../src/he/collective/public-share.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { rlweParameters } from '../../../src/he/ring/parameters.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { drawTernary } from '../../../src/he/ring/ternary.ts';
import {
  crsId,
  crsOf,
  encryptPublic,
  ownPublicKey,
  serializePublicKey,
} from '../../../src/he/rlwe/public-key.ts';
import { digest, seededRng } from '../support.ts';

const P = rlweParameters(8192, 2n ** 40n);
const names = ['jp', 'lu'] as const;
const identity = {
  study: digest('vector study'),
  flow: 'pooled-aggregate',
  epoch: 3,
  attempt: 1,
  holders: [...names],
};
const vectors = {
  jp: [5n, -7n, 2n ** 39n - 1n, -(2n ** 39n)],
  lu: [37n, -35n, 1n, -1n],
};
const short = (bytes: Uint8Array): { bytes: number; sha256: string } => ({
  bytes: bytes.length,
  sha256: sha256Hex(bytes),
});

/** Everything the file lists, computed. */
function compute(): object {
  const holders = names.map((name) => {
    const share: KeyShare = createKeyShare(P, identity, seededRng(`vector/${name}/key`));
    const shown = createPublicShare(P, share, seededRng(`vector/${name}/public`));
    return { name, share, shown, commitment: commitTo(P, share.key, name, shown) };
  });
  const ceremony = new KeyCeremony(P, identity);
  for (const { name, commitment } of holders) ceremony.commit(name, commitment);
  for (const { name, shown } of holders) ceremony.reveal(name, shown);
  const publicKey = ceremony.publicKey();
  crsOf(ringOf(P), publicKey.key).take(0, 0);
  const crs = ringOf(P)
    .machine.read(0)
    .map((limb) => [...limb.subarray(0, 4)]);
  const inputs = names.map((name) => {
    const slots = BigUint64Array.from(vectors[name], (value) => BigInt.asUintN(40, value));
    return encryptPublic(P, publicKey, slots, seededRng(`vector/${name}/encrypt`));
  });
  const sum = sumCiphertexts(P, inputs);
  const parts = holders.map(({ name, share }) =>
    publicDecryptionShare(P, share, sum, 2, seededRng(`vector/${name}/share`)),
  );
  const own = { parameters: P.id, secret: drawTernary(P, 'own', seededRng('vector/recipient')) };
  const recipient = ownPublicKey(P, own, digest('vector recipient'), seededRng('vector/r/public'));
  const switched = holders.map(({ name, share }) =>
    keySwitchShare(P, share, recipient, sum, 2, seededRng(`vector/${name}/switch`)),
  );
  return {
    parameters: P.id,
    key: publicKey.key,
    crsId: crsId(P, publicKey.key),
    crs,
    holders: holders.map(({ name, shown, commitment }, i) => ({
      name,
      commitment,
      publicShare: short(shown.packed),
      contribution: short(inputs[i] ?? sum),
      share: short(parts[i] ?? sum),
      switched: short(switched[i] ?? sum),
    })),
    publicKey: short(serializePublicKey(publicKey)),
    recipient: short(serializePublicKey(recipient)),
    sum: short(sum),
    combined: short(combineSwitched(P, sum, switched)),
    values: [...combinePublic(P, sum, parts, 4)].map(String),
  };
}

test('every intermediate of a key generation and a run of two holders', () => {
  const file = join(import.meta.dirname, 'vectors', 'public-mode.json');
  deepStrictEqual(compute(), JSON.parse(readFileSync(file, 'utf8')));
});
