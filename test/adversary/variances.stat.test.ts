/**
 * Rulings, test 5: a pooled cell carries 2 sigma^2, a cell by holder sigma^2, and the pooled cell of
 * one run less the own part of another what independent draws give. Sample variances of 4,096
 * independent cells; chi-square limits at alpha = 10^-6, normal approximation (Wilson-Hilferty).
 * Control: half the noise is caught.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import type { ReleaseCell } from '../../src/analysis/release-table.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { CELLS, WIDE } from '../support/wide-study.ts';

/** sigma^2 = 1 / (2 rho) = 100. */
const RHO = '1/200';
const VARIANCE = 100;
const Z = 4.9;

/** True when `values` may have `variance` about `mean`. */
function plausible(values: readonly number[], mean: number, variance: number): boolean {
  const sum = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  const k = values.length;
  const z = (Math.cbrt(sum / variance / k) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
  return Math.abs(z) < Z;
}

const valuesOf = (cells: readonly ReleaseCell[], holder?: string): number[] =>
  cells.filter(({ group }) => group['holder'] === holder).map(({ value }) => value ?? Number.NaN);

describe('variance of what is released', () => {
  test('pooled 2 sigma^2; split sigma^2 each; their difference sigma^2', async () => {
    using lab = await PooledLab.counting({ jp: 500n, lu: 300n }, { ...WIDE, minimumCell: 0 });
    const noise = systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);
    const pooled = valuesOf((await lab.release({ groupBy: ['code'], rho: RHO }, noise)).body.cells);
    ok(pooled.length === CELLS);
    ok(plausible(pooled, 800, 2 * VARIANCE));
    ok(!plausible(pooled, 800, VARIANCE), 'control: one share of noise would be noticed');

    const split = (await lab.release({ groupBy: ['holder', 'code'], rho: RHO }, noise)).body.cells;
    const [jp, lu, all] = [valuesOf(split, 'jp'), valuesOf(split, 'lu'), valuesOf(split)];
    ok(plausible(jp, 500, VARIANCE));
    ok(plausible(lu, 300, VARIANCE));
    ok(plausible(all, 800, 2 * VARIANCE));
    const rest = all.map((value, i) => value - (jp[i] ?? 0));
    ok(plausible(rest, 300, VARIANCE), 'pooled less own is the noised part of the other');
  });
});
