/**
 * A holder that publishes its key share last and cancels the others (notes: attack 3). It waits for the
 * honest p_i, makes a key of its own, and sends p' − Σ p_i: the collective key is then p', and it alone
 * decrypts. Committing first takes the choice away. The control shows the attack on a bare sum.
 */
import { deepStrictEqual, notDeepStrictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { createKeyShare, keyId } from '../../src/he/collective/key.ts';
import {
  commitTo,
  createPublicShare,
  KeyCeremony,
  type PublicShare,
} from '../../src/he/collective/public-key.ts';
import { splitPacked, unpackInto } from '../../src/he/ring/pack.ts';
import { rlweParameters } from '../../src/he/ring/parameters.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import { encryptPublic, type PublicKey } from '../../src/he/rlwe/public-key.ts';
import { decryptOwn } from '../../src/he/rlwe/symmetric.ts';
import { refusal } from '../support/refusal.ts';
import { digest, seededRng } from '../he/support.ts';

const P = rlweParameters(8192, 2n ** 40n);
const ring = ringOf(P);
const identity = {
  study: digest('study'),
  flow: 'pooled-aggregate',
  epoch: 1,
  attempt: 1,
  holders: ['jp', 'lu', 'mallory'],
};
const key = keyId(identity);
const honest = ['jp', 'lu'].map((name) =>
  createPublicShare(P, createKeyShare(P, identity, seededRng(name)), seededRng(`${name}/p`)),
) as [PublicShare, PublicShare];
/** The key that Mallory wants to own alone. */
const owned = createKeyShare(P, identity, seededRng('mallory'));
const wanted = createPublicShare(P, owned, seededRng('mallory/p'));

/** Packed a ± b. */
function combine(a: Uint8Array, b: Uint8Array, how: 'add' | 'subtract'): Uint8Array {
  unpackInto(ring, 0, a);
  unpackInto(ring, 1, b);
  ring.machine[how](0, 0, 1);
  const out = new Uint8Array(P.polynomialBytes);
  ring.machine.pack(0, out);
  return out;
}

const others = combine(honest[0].packed, honest[1].packed, 'add');
const cancelling: PublicShare = {
  salt: wanted.salt,
  packed: combine(wanted.packed, others, 'subtract'),
};
const values = BigUint64Array.from({ length: P.n }, (_, i) => BigInt(i * i));
const secret = BigInt64Array.from(values, BigInt);

/** What Mallory reads of a ciphertext under this key, alone. */
function readAlone(packed: Uint8Array): BigInt64Array {
  const publicKey: PublicKey = { parameters: P.id, key, holders: 3, packed };
  const ciphertext = encryptPublic(P, publicKey, values, seededRng('victim'));
  return decryptOwn(ring, owned, splitPacked(P, ciphertext, 2) as [Uint8Array, Uint8Array]);
}

describe('the last mover', () => {
  test('control: shares summed as they come give Mallory the key alone', () => {
    deepStrictEqual(readAlone(combine(others, cancelling.packed, 'add')), secret);
  });
  test('after a commitment the cancelling share does not open it', () => {
    const ceremony = new KeyCeremony(P, identity);
    ceremony.commit('jp', commitTo(P, key, 'jp', honest[0]));
    ceremony.commit('lu', commitTo(P, key, 'lu', honest[1]));
    // Mallory is bound before anything is revealed: an honest holder asks `allCommitted` first.
    throws(() => ceremony.reveal('jp', honest[0]), refusal('PROTOCOL_STATE'));
    ceremony.commit('mallory', commitTo(P, key, 'mallory', wanted));
    ceremony.reveal('jp', honest[0]);
    ceremony.reveal('lu', honest[1]);
    throws(() => ceremony.reveal('mallory', cancelling), refusal('PROOF_REJECTED'));
    ceremony.reveal('mallory', wanted);
    notDeepStrictEqual(readAlone(ceremony.publicKey().packed), secret);
  });
  test('a copied share, and a commitment for another holder, key or salt', () => {
    const ceremony = new KeyCeremony(P, identity);
    ceremony.commit('jp', commitTo(P, key, 'jp', honest[0]));
    ceremony.commit('lu', commitTo(P, key, 'lu', honest[1]));
    // Mallory commits to a share that it has seen elsewhere, in its own name.
    ceremony.commit('mallory', commitTo(P, key, 'mallory', honest[0]));
    ceremony.reveal('jp', honest[0]);
    throws(() => ceremony.reveal('mallory', honest[0]), refusal('MALFORMED_MESSAGE'));
    for (const other of [
      commitTo(P, key, 'mallory', honest[1]),
      commitTo(P, digest('another key'), 'lu', honest[1]),
      commitTo(P, key, 'lu', { ...honest[1], salt: seededRng('salt')(32) }),
    ]) {
      notDeepStrictEqual(other, commitTo(P, key, 'lu', honest[1]));
    }
  });
});
