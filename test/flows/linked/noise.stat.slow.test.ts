/**
 * Rulings, test 5, for the linked aggregate: what is released has the noise of both holders, variance 2 σ²; what a
 * coalition of the sandbox with one holder can take off leaves σ². 384 cells; chi-square limits at
 * alpha = 10^-6 (Wilson-Hilferty). Control: one share of noise in place of two is caught.
 */
import { ok } from 'node:assert/strict';
import { test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { Vault } from '../../../src/base/vault.ts';
import { systemNoise } from '../../../src/engine/noise/system-noise.ts';
import { dealing, honestAlignment, plan, released, ROWS, VALUES, type World } from './steps.ts';

const GROUPS = 192;
const VARIANCE = 400;
const Z = 4.9;

const column = { bound: 100n, variance: Rational.of(VARIANCE) };
const NOISE = { variance: Rational.of(VARIANCE), count: GROUPS };
const world: World = {
  plan: { ...plan, cells: GROUPS, columns: [column, column], noise: [NOISE, NOISE] },
  groups: Array.from({ length: GROUPS }, (_, g) =>
    Array.from({ length: ROWS }, (_row, i) => (i + g) % 2),
  ),
  values: VALUES.map((values) => values.map((x) => Math.min(x, 100))),
};

function plausible(errors: readonly number[], variance: number): boolean {
  const k = errors.length;
  const sum = errors.reduce((total, x) => total + x * x, 0);
  const z = (Math.cbrt(sum / variance / k) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
  return Math.abs(z) < Z;
}

test('both shares of noise are in every cell, one of them whatever the coalition', async () => {
  const noise = () => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);
  const { positions, matched } = honestAlignment();
  const dealer = dealing({ positions, mask: matched });
  const exact = await released(dealer, { world });
  const errors = (cells: readonly number[]) => cells.map((x, i) => x - (exact[i] ?? 0));

  const both = errors(await released(dealer, { world, noiseOfA: noise(), noiseOfB: noise() }));
  ok(plausible(both, 2 * VARIANCE));
  ok(!plausible(both, VARIANCE), 'control: one share would be noticed');
  ok(plausible(errors(await released(dealer, { world, noiseOfB: noise() })), VARIANCE));
  ok(plausible(errors(await released(dealer, { world, noiseOfA: noise() })), VARIANCE));
});
