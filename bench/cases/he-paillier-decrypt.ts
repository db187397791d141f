/** Paillier decryption by the key's owner against paillier-bigint, which has p and q too. Size: bits of n. */
import { equal } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { decrypt, readCiphertexts } from '../../src/he/paillier/encryption.ts';
import { defineCase } from '../case.ts';
import { bothKeys } from './he-paillier.ts';

export default defineCase({
  name: 'he/paillier-decrypt',
  timed: 'One ciphertext to a number, by the owner of the key. Size: bits of n.',
  sizes: [2048, 3072],
  unit: 'ms',
  setup: (bits) => {
    const keys = bothKeys(bits);
    const value = keys.theirs.publicKey.encrypt(keys.plaintext);
    const [ciphertext] = readCiphertexts(keys.key.publicKey, [value]);
    return { ...keys, value, ciphertext: ciphertext! };
  },
  check: ({ key, theirs, plaintext, value, ciphertext }) => {
    equal(decrypt(key, ciphertext, systemRng), plaintext);
    equal(theirs.decrypt(value), plaintext);
  },
  contenders: {
    crt: ({ key, ciphertext }) => decrypt(key, ciphertext, systemRng),
    'paillier-bigint': ({ theirs, value }) => theirs.decrypt(value),
  },
  gate: { contender: 'crt', against: 'paillier-bigint', atLeast: 7 },
});
