/** Permutations: every one of four elements as often as any other (chi-square, alpha = 10^-6), and exact for any n. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { permutation } from '../../src/psi/shuffle.ts';
import { seededRng } from './vole/sessions.ts';

/** The 10^-6 quantile of chi-square with 23 degrees of freedom (R: qchisq(1e-6, 23, lower = FALSE)). */
const LIMIT = 70.9;

test('uniform over the 24 orders of four elements', () => {
  const rng = seededRng('shuffle');
  const seen = new Map<string, number>();
  const trials = 2400;
  for (let i = 0; i < trials; i += 1) {
    const order = permutation(4, rng).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  const expected = trials / 24;
  const chi2 = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  ok(seen.size === 24 && chi2 < LIMIT, `chi-square ${chi2}`);
  const biased = expected * 0.5;
  ok(24 * ((biased - expected) ** 2 / expected) > LIMIT, 'control: a bias by half is noticed');
});

test('a permutation for every size', () => {
  const rng = seededRng('sizes');
  for (const n of [0, 1, 2, 3, 100, 65_537]) {
    deepStrictEqual(
      permutation(n, rng).sort(),
      Uint32Array.from({ length: n }, (_, i) => i),
    );
  }
});
