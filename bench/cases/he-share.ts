/**
 * One holder's decryption share with the smudging that 16 holders and 2^20 ciphertexts need. node-seal has
 * no shares; its decryption is the nearest thing it does. Size: values.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { defineCase } from '../case.ts';
import { type Holders, holders, N, Peer, RUN, vector } from './he-lab.ts';

type Input = Holders & { readonly peer: Peer; readonly values: Uint32Array };

export default defineCase<Input>({
  name: 'he/share',
  timed: "One holder's decryption share with its smudging, packed. Size: values.",
  sizes: [N, 16 * N],
  unit: 'us',
  setup: async (size) => ({
    ...holders(),
    peer: await Peer.open(),
    values: vector(size, 0xc2b2ae35),
  }),
  check: ({ shares, peer, values }) => {
    peer.check(values);
    const inputs = shares.map((share) => encryptSeeded(P, share, RUN, values, systemRng));
    const count = values.length / N;
    const parts = shares.map((share) => decryptionShare(P, share, RUN, count, systemRng));
    deepStrictEqual(
      combineShares(P, sumCiphertexts(P, inputs), parts, values.length),
      BigInt64Array.from(values, (value) => BigInt.asIntN(32, 2n * BigInt(value))),
    );
  },
  contenders: {
    share: ({ shares, values }) => {
      const [share] = shares;
      // The law of 16 holders is the widest; the law of 2 takes the same steps.
      const widest = share === undefined ? undefined : { ...share, holders: 16 };
      return widest === undefined
        ? 0
        : decryptionShare(P, widest, RUN, values.length / N, systemRng).length;
    },
    'node-seal decryption': ({ peer, values }) => {
      for (let at = 0; at < values.length; at += N) peer.decrypt();
    },
  },
  teardown: ({ peer }) => {
    peer.close();
  },
});
