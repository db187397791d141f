/**
 * Releases through the whole flow (500; RELEASES=2000 in the environment for more): what is released, less the exact values, has the law that
 * the plan states. Σ((released − exact)²/σ²) over N releases is χ² with N degrees of freedom up to
 * the discreteness of the noise (σ² ≥ 50: relative error of the variance below 1e-9); two-sided,
 * alpha = 1e-6 for each of the four statistics. Controls, 300 releases each: holders that add
 * half the variance, and holders that add nothing, both fail.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import type { Noise, NoiseRun } from '../../src/flows/ports.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const RELEASES = Number(process.env['RELEASES'] ?? '500');
const CONTROLS = 300;
/** 1 − 1e-6/2 of the normal law. */
const Z = 4.8916;

const rows = (from: number, count: number): string =>
  ['patient_id,x', ...Array.from({ length: count }, (_, i) => `${from + i},${(i * 7) % 21}`)].join(
    '\n',
  );

const COHORT: Record<string, Json> = {
  declaredSize: { lu: 1000, jp: 1000 },
  columns: { x: { type: 'integer', min: 0, max: 20 } },
};
const WIDTH = 20;

/** Near 1/101 and another one each time: 600 people are thirty standard deviations, so that no mean is cut. */
const rhoOf = (index: number): Rational => Rational.of(10_007, 1_010_708 + index);

type Sums = { readonly count: number; readonly above: number };
type Found = Readonly<Record<'holder' | 'pooled', Sums>>;

/** The count, and Σ(x − L) as it was released: count·D·(place of the mean). */
async function release(lab: PooledLab, noise: Noise, index: number): Promise<Found> {
  // Another rho is another query: the same one again would be the same release.
  const query = {
    groupBy: ['holder'],
    measures: [
      { name: 'n', count: true },
      { name: 'm', mean: 'x' },
    ],
    rho: rhoOf(index).toString(),
  };
  const { body } = await lab.release(query, noise);
  const of = (holder?: string): Sums => {
    const [n, m] = ['n', 'm'].map((name) =>
      body.cells.find((c) => c.measure === name && c.group['holder'] === holder),
    );
    return { count: n!.value!, above: m!.value! * m!.count! };
  };
  return { holder: of('lu'), pooled: of() };
}

/** σ² of the noise of one holder in a count and in a sum of x − L, half of rho each. */
const variances = (index: number): Sums => {
  const each = Rational.ONE.dividedBy(rhoOf(index)).toNumber();
  return { count: each, above: each * WIDTH * WIDTH };
};

/** Releases of one lab: its ledger and its network grow with each. */
const LAB = 100;

async function statistics(noise: Noise, releases: number): Promise<number[]> {
  const sums = [0, 0, 0, 0];
  for (let from = 0; from < releases; from += LAB) {
    const parts = { lu: rows(1, 600), jp: rows(1000, 800) };
    using lab = await PooledLab.open(parts, { cohort: COHORT, rho: '1000000/1' });
    const exact = await release(lab, ExactNoise, -1);
    for (let i = from; i < from + LAB; i++) {
      const { holder, pooled } = await release(lab, noise, i);
      const law = variances(i);
      for (const [at, got, want, shares] of [
        [0, holder, exact.holder, 1],
        [2, pooled, exact.pooled, 2],
      ] as const) {
        sums[at]! += (got.count - want.count) ** 2 / (law.count * shares);
        sums[at + 1]! += (got.above - want.above) ** 2 / (law.above * shares);
      }
    }
  }
  return sums.map((sum) => (sum - releases) / Math.sqrt(2 * releases));
}

const genuine = (): Noise => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);

const lessened = (runs: readonly NoiseRun[], part: Rational): NoiseRun[] =>
  runs.map(({ variance, count }) => ({ variance: variance.times(part), count }));

/** Holders that add another part of the variance than the plan says. */
const scaled = (noise: Noise, part: Rational): Noise => ({
  ticket: (runs) => noise.ticket(lessened(runs, part)),
  draw: (ticket, runs) => noise.draw(ticket, lessened(runs, part)),
});

describe('released less exact', () => {
  test('has the stated variance, by holder and pooled', async () => {
    const found = await statistics(genuine(), RELEASES);
    ok(
      found.every((z) => Math.abs(z) < Z),
      found.join(' '),
    );
  }, 900_000);

  test('controls: half a share and no noise are found', async () => {
    for (const noise of [scaled(genuine(), Rational.of(1, 2)), ExactNoise]) {
      const found = await statistics(noise, CONTROLS);
      ok(
        found.every((z) => z < -Z),
        found.join(' '),
      );
    }
  }, 600_000);
});
