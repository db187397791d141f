/**
 * The cryptography of a pooled aggregate of two holders, in one thread: masks, encryption, the sum at the
 * sandbox and at both holders, shares, combining, decoding. Not in the timer: noise, signatures, disk,
 * network. Size: cells of each holder.
 */
import { equal } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { ciphertextsFor, encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { applyMask, zeroSumMask } from '../../src/he/collective/masks.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { defineCase } from '../case.ts';
import { holders, type Holders, RUN, vector } from './he-lab.ts';

type Input = Holders & { readonly vectors: readonly Uint32Array[] };

const NAMES = ['jp', 'lu'] as const;

function run({ shares, vectors }: Input): BigInt64Array {
  const slots = vectors[0]?.length ?? 0;
  const inputs = shares.map((share, i) => {
    const peers = new Map([[NAMES[1 - i] ?? '', new Secret('pair', new Uint8Array(32).fill(7))]]);
    const mask = zeroSumMask(NAMES[i] ?? '', peers, RUN, RUN, slots);
    const masked = applyMask(vectors[i] ?? mask, mask);
    return encryptSeeded(P, share, RUN, masked, systemRng);
  });
  const sum = sumCiphertexts(P, inputs);
  const parts = shares.map((share) => {
    equal(sumCiphertexts(P, inputs).length, sum.length);
    return decryptionShare(P, share, RUN, ciphertextsFor(P, slots), systemRng);
  });
  return combineShares(P, sum, parts, slots);
}

export default defineCase<Input>({
  name: 'he/pooled',
  timed:
    'Two holders: masks, encryption, the sum at the sandbox and at both holders, shares, combining, decoding; not noise, signatures, disk, network. Size: cells of each holder.',
  sizes: [1_000_000],
  unit: 'ms',
  setup: (size) => ({ ...holders(), vectors: [vector(size, 3), vector(size, 5)] }),
  check: (input) => {
    const sums = run(input);
    const [first, second] = input.vectors;
    equal(sums.length, first?.length);
    sums.forEach((sum, i) => {
      equal(Number(sum), ((first?.[i] ?? 0) + (second?.[i] ?? 0)) | 0);
    });
  },
  contenders: { 'one core': (input) => run(input)[0] },
  bytesPerItem: ({ shares, vectors }) => {
    const [share] = shares;
    const [values] = vectors;
    return share === undefined || values === undefined
      ? 0
      : encryptSeeded(P, share, RUN, values, systemRng).length / values.length;
  },
});
