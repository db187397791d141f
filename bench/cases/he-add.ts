/**
 * One addition of ciphertexts that are in memory: one polynomial as in seeded mode, two as in public-key
 * mode and in node-seal; and the whole sum of two contributions from packed bytes to packed bytes, with
 * every residue checked. Size: values of one ciphertext.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { pack, unpack } from '../../src/he/ring/pack.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { coefficientsOf, type Ring, ringOf } from '../../src/he/ring/polynomial.ts';
import { defineCase } from '../case.ts';
import { type Holders, holders, N, Peer, RUN, vector } from './he-lab.ts';

type Input = Holders & {
  readonly ring: Ring;
  readonly peer: Peer;
  readonly values: Uint32Array;
  readonly packed: readonly Uint8Array[];
};

export default defineCase<Input>({
  name: 'he/add',
  timed: 'One addition of ciphertexts in memory. Size: values of a ciphertext.',
  sizes: [N],
  unit: 'us',
  setup: async (size) => {
    const both = holders();
    const values = vector(size, 0x85ebca6b);
    const packed = both.shares.map((share) => encryptSeeded(P, share, RUN, values, systemRng));
    const ring = ringOf(P);
    // Both twice, so that two polynomials are there as well. unpack works in register 0.
    packed
      .map((bytes) => unpack(P, bytes).limbs)
      .forEach((limbs, i) => {
        for (const register of [i, i + 2]) ring.machine.load(register, limbs);
      });
    return { ...both, ring, peer: await Peer.open(), values, packed };
  },
  check: ({ ring, peer, values, packed, shares }) => {
    peer.check(values);
    ring.machine.add(4, 0, 1);
    const loaded = pack(P, coefficientsOf(ring.machine.read(4)));
    const sum = sumCiphertexts(P, packed);
    deepStrictEqual(loaded, sum);
    const parts = shares.map((share) => decryptionShare(P, share, RUN, 1, systemRng));
    deepStrictEqual(
      combineShares(P, sum, parts, values.length),
      BigInt64Array.from(values, (value) => BigInt.asIntN(32, 2n * BigInt(value))),
    );
  },
  contenders: {
    seeded: ({ ring }) => {
      ring.machine.add(4, 0, 1);
    },
    'two polynomials': ({ ring }) => {
      ring.machine.add(4, 0, 1);
      ring.machine.add(5, 2, 3);
    },
    'bytes to bytes': ({ packed }) => sumCiphertexts(P, packed).length,
    'node-seal': ({ peer }) => {
      peer.add();
    },
  },
  teardown: ({ peer }) => {
    peer.close();
  },
  gate: { contender: 'seeded', against: 'node-seal', atLeast: 3 },
});
