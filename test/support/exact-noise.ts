/** No noise at all: for tests that compare a flow with plain arithmetic. Lives here and nowhere else. */
import { sha256Hex } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { Noise } from '../../src/flows/ports.ts';

export const ExactNoise: Noise = {
  ticket: () => {
    const sealedSeed = systemRng(32);
    return { sealedSeed, commitment: sha256Hex(sealedSeed) };
  },
  draw: (_ticket, runs) =>
    Promise.resolve(new BigInt64Array(runs.reduce((sum, { count }) => sum + count, 0))),
};
