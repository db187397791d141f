/**
 * The two numbers by which security.ts carries the Gaussian formula over to the centred sum of 8 uniform
 * words: its Fisher information, and the mass where a shifted copy has no support. Both are computed
 * from the exact density of the sum of 8 uniforms on [0, 1] (Irwin 1927; Hall 1927), a spline.
 */
import { ok } from 'node:assert/strict';
import { test } from 'vitest';
import { SMUDGING_WORDS } from '../../src/he/security.ts';

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
const choose = (n: number, k: number): number => factorial(n) / factorial(k) / factorial(n - k);

/** Density of the sum of m uniforms, or its derivative with `order` 1; from the nearer end. */
function density(x: number, m: number, order: 0 | 1): number {
  const mirrored = x > m / 2;
  const y = mirrored ? m - x : x;
  let sum = 0;
  for (let k = 0; k <= y; k++) sum += (-1) ** k * choose(m, k) * (y - k) ** (m - 1 - order);
  const value = sum / factorial(m - 1 - order);
  return order === 1 && mirrored ? -value : value;
}

/** ∫ f'² / f by Simpson's rule. */
function fisher(m: number): number {
  const steps = 16_000;
  const at = (i: number): number => {
    const x = (i * m) / steps;
    const f = density(x, m, 0);
    return f > 0 ? density(x, m, 1) ** 2 / f : 0;
  };
  let sum = 0;
  for (let i = 0; i < steps; i += 2) sum += at(i) + 4 * at(i + 1) + at(i + 2);
  return (sum * m) / steps / 3;
}

test('Fisher information of the law: 1.0050 / variance, below the 1.01 that is asked for', () => {
  const scaled = fisher(SMUDGING_WORDS) * (SMUDGING_WORDS / 12);
  ok(scaled > 1.004 && scaled < 1.006, String(scaled));
  // Control: six words would not do, and more words come nearer to the Gaussian's 1.
  ok(fisher(6) * (6 / 12) > 1.01);
  ok(fisher(12) * (12 / 12) < 1.003);
});

test('a shift by E at 16 holders leaves the support with a mass below 2^-390 a coefficient', () => {
  // P(sum < δ) = δ^8 / 8! for δ = E / 2^w ≤ 1, E = 344, w = 60.
  const log2 = SMUDGING_WORDS * (Math.log2(344) - 60) - Math.log2(factorial(SMUDGING_WORDS));
  ok(log2 < -390 && log2 + Math.log2(2 ** 20 * 4096) < -350);
});
