/** Each cell is the join plus the noise of A and the noise of B, each in its own cell; sums may be negative. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import type { Noise, NoiseRun } from '../../../src/flows/ports.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { dealing, honestAlignment, plan, released } from './steps.ts';

/** Noise that is known: `from`, from + 1, ... in the order of the draws. */
function known(from: bigint, asked: NoiseRun[]): Noise {
  return {
    ticket: (runs) => ExactNoise.ticket(runs),
    draw: (_ticket, runs) => {
      asked.push(...runs);
      const count = runs.reduce((sum, run) => sum + run.count, 0);
      return Promise.resolve(BigInt64Array.from({ length: count }, (_, i) => from + BigInt(i)));
    },
  };
}

/** People of F and M, then days of F and M: the order of draws is that of the vector. */
const draws = (from: number): number[] => [from, from + 1, from + 2, from + 3];

test('both holders draw the planned variances, and both draws are in every cell', async () => {
  const { positions, matched } = honestAlignment();
  const dealer = dealing({ positions, mask: matched });
  const [ofA, ofB]: NoiseRun[][] = [[], []];
  const cells = await released(dealer, {
    noiseOfA: known(1000n, ofA ?? []),
    noiseOfB: known(-5000n, ofB ?? []),
  });
  const [a, b] = [draws(1000), draws(-5000)];
  deepStrictEqual(
    cells,
    [2, 2, 120, 140].map((x, cell) => x + (a[cell] ?? 0) + (b[cell] ?? 0)),
  );
  const wanted = plan.columns.map(({ variance }) => ({ variance, count: 2 }));
  deepStrictEqual([ofA, ofB], [wanted, wanted]);
});
