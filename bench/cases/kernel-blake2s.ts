/** BLAKE2s of n messages of 16 bytes, four lanes at a time, against @noble/hashes, which is plain JavaScript. */
import { deepStrictEqual } from 'node:assert/strict';
import { blake2s as noble } from '@noble/hashes/blake2.js';
import { utf8 } from '../../src/base/bytes.ts';
import { Blake2s } from '../../src/kernels/blake2s.ts';
import { blake2s as twin } from '../../src/kernels/reference/blake2s.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

const PERSON = 'kk-bench';
const BYTES = 16;

type Input = { readonly hash: Blake2s; readonly messages: Uint8Array };

const each = (messages: Uint8Array, digest: (message: Uint8Array) => Uint8Array): Uint8Array => {
  const out = new Uint8Array(messages.length);
  for (let at = 0; at < messages.length; at += BYTES) {
    out.set(digest(messages.subarray(at, at + BYTES)), at);
  }
  return out;
};
const named = { dkLen: BYTES, personalization: utf8(PERSON) };

export default defineCase<Input>({
  name: 'kernel/blake2s',
  timed: 'n messages of 16 bytes hashed to 16 bytes. Size: n.',
  sizes: [4096],
  unit: 'us',
  setup: (n) => ({
    hash: new Blake2s({ digestBytes: BYTES, person: PERSON }),
    messages: fixedBytes(BYTES * n, 1),
  }),
  check: ({ hash, messages }) => {
    const digests = hash.hash16(messages);
    deepStrictEqual(
      each(messages, (message) => twin(message, BYTES, PERSON)),
      digests,
    );
    deepStrictEqual(
      each(messages, (message) => noble(message, named)),
      digests,
    );
  },
  contenders: {
    wasm: ({ hash, messages }) => hash.hash16(messages),
    'noble-hashes': ({ messages }) => each(messages, (message) => noble(message, named)),
    twin: ({ messages }) => each(messages, (message) => twin(message, BYTES, PERSON)),
  },
  teardown: ({ hash }) => {
    hash[Symbol.dispose]();
  },
  gate: { contender: 'wasm', against: 'noble-hashes', atLeast: 2 },
});
