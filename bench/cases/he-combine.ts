/**
 * The result of a run of two holders: a sum and two shares, all packed, every residue checked, to integers.
 * Against node-seal's decryption of one ciphertext for each. Size: values.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { defineCase } from '../case.ts';
import { holders, N, Peer, RUN, vector } from './he-lab.ts';

type Input = {
  readonly peer: Peer;
  readonly values: Uint32Array;
  readonly sum: Uint8Array;
  readonly parts: readonly Uint8Array[];
};

export default defineCase<Input>({
  name: 'he/combine',
  timed: 'A sum and two shares, packed, to integers, every residue checked. Size: values.',
  sizes: [N, 16 * N],
  unit: 'us',
  setup: async (size) => {
    const { shares } = holders();
    const values = vector(size, 0x27d4eb2f);
    const inputs = shares.map((share) => encryptSeeded(P, share, RUN, values, systemRng));
    const parts = shares.map((share) => decryptionShare(P, share, RUN, size / N, systemRng));
    return { peer: await Peer.open(), values, sum: sumCiphertexts(P, inputs), parts };
  },
  check: ({ peer, values, sum, parts }) => {
    peer.check(values);
    deepStrictEqual(
      combineShares(P, sum, parts, values.length),
      BigInt64Array.from(values, (value) => BigInt.asIntN(32, 2n * BigInt(value))),
    );
  },
  contenders: {
    combine: ({ sum, parts, values }) => combineShares(P, sum, parts, values.length).length,
    'node-seal decryption': ({ peer, values }) => {
      for (let at = 0; at < values.length; at += N) peer.decrypt();
    },
  },
  teardown: ({ peer }) => {
    peer.close();
  },
});
