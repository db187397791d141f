/**
 * Values encrypted on one core: seeded mode as the pooled aggregate uses it, and under the collective
 * public key, both to packed bytes; node-seal to objects in its memory. Size: values.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import { encryptPublic, ownPublicKey } from '../../src/he/rlwe/public-key.ts';
import { decryptOwn } from '../../src/he/rlwe/symmetric.ts';
import { splitPacked } from '../../src/he/ring/pack.ts';
import { defineCase } from '../case.ts';
import { type Holders, holders, N, Peer, RUN, vector } from './he-lab.ts';

type Input = Holders & { readonly peer: Peer; readonly values: Uint32Array };

/** The sum of the same vector from both holders is twice the vector. */
function checkSeeded({ shares, values }: Input): void {
  const inputs = shares.map((share) => encryptSeeded(P, share, RUN, values, systemRng));
  const parts = shares.map((share) => decryptionShare(P, share, RUN, values.length / N, systemRng));
  const sums = combineShares(P, sumCiphertexts(P, inputs), parts, values.length);
  deepStrictEqual(
    sums,
    BigInt64Array.from(values, (value) => BigInt.asIntN(32, 2n * BigInt(value))),
  );
}

function checkPublic({ values, shares }: Input): void {
  const [share] = shares;
  if (share === undefined) throw new Error('no holder');
  const own = ownPublicKey(P, share, RUN, systemRng);
  const parts = splitPacked(P, encryptPublic(P, own, values, systemRng));
  for (let index = 0; 2 * index < parts.length; index++) {
    const pair = [parts[2 * index], parts[2 * index + 1]] as [Uint8Array, Uint8Array];
    const opened = decryptOwn(ringOf(P), share, pair);
    equal(opened[0], BigInt(values[index * N] ?? 0));
    equal(opened[N - 1], BigInt(values[(index + 1) * N - 1] ?? 0));
  }
}

export default defineCase<Input>({
  name: 'he/encrypt',
  timed: 'Values to packed ciphertexts, with their randomness. Size: values.',
  sizes: [16 * N],
  unit: 'ms',
  setup: async (size) => ({
    ...holders(),
    peer: await Peer.open(),
    values: vector(size, 0x9e3779b1),
  }),
  check: (input) => {
    input.peer.check(input.values);
    checkSeeded(input);
    checkPublic(input);
  },
  contenders: {
    seeded: ({ shares, values }) =>
      shares[0] === undefined ? 0 : encryptSeeded(P, shares[0], RUN, values, systemRng).length,
    'public key': ({ publicKey, values }) => encryptPublic(P, publicKey, values, systemRng).length,
    'node-seal': ({ peer, values }) => peer.encrypt(values, 'public'),
    'node-seal symmetric': ({ peer, values }) => peer.encrypt(values, 'secret'),
  },
  bytesPerItem: ({ shares, values }) =>
    shares[0] === undefined
      ? 0
      : encryptSeeded(P, shares[0], RUN, values, systemRng).length / values.length,
  teardown: ({ peer }) => {
    peer.close();
  },
  gate: { contender: 'seeded', against: 'node-seal', atLeast: 10 },
});
