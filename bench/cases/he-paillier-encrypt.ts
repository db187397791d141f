/**
 * Paillier encryption against paillier-bigint under the same key; a size is the bits of n. Ours is the
 * fixed base with short exponents; beside it the ways that assume less (he/paillier/randomiser.ts),
 * of which `owner` has p and q.
 */
import { equal } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { encrypt } from '../../src/he/paillier/encryption.ts';
import {
  fixedBaseRandomiser,
  ownerRandomiser,
  uniformRandomiser,
} from '../../src/he/paillier/randomiser.ts';
import { defineCase } from '../case.ts';
import { bothKeys } from './he-paillier.ts';

export default defineCase({
  name: 'he/paillier-encrypt',
  timed: 'One number to a ciphertext, with its randomness. Size: bits of n.',
  sizes: [2048, 3072],
  unit: 'ms',
  setup: (bits) => {
    const keys = bothKeys(bits);
    const { publicKey } = keys.key;
    return {
      ...keys,
      short: fixedBaseRandomiser(publicKey, 'short', systemRng),
      half: fixedBaseRandomiser(publicKey, 'half', systemRng),
      owner: ownerRandomiser(keys.key),
      uniform: uniformRandomiser(publicKey),
    };
  },
  check: ({ theirs, plaintext, short, half, owner, uniform }) => {
    for (const way of [short, half, owner, uniform]) {
      equal(theirs.decrypt(encrypt(way, plaintext, systemRng).value), plaintext);
    }
  },
  contenders: {
    short: ({ short, plaintext }) => encrypt(short, plaintext, systemRng),
    half: ({ half, plaintext }) => encrypt(half, plaintext, systemRng),
    owner: ({ owner, plaintext }) => encrypt(owner, plaintext, systemRng),
    uniform: ({ uniform, plaintext }) => encrypt(uniform, plaintext, systemRng),
    'paillier-bigint': ({ theirs, plaintext }) => theirs.publicKey.encrypt(plaintext),
  },
  gate: { contender: 'short', against: 'paillier-bigint', atLeast: 30 },
});
