/**
 * Every output of `kakehashi psi` at every size from 0 to 64, at 200 random sizes to 5,000 by VOLE and at 20 by
 * Diffie-Hellman: the plain computation, with duplicates and empty identifiers on both sides.
 */
import { describe, test } from 'vitest';
import { Seeded } from '../support/seeded.ts';
import { countsArePlain, people, setsArePlain } from './psi-tables.ts';

const LARGEST = 5000;

/** Pairs of sizes, the same in every run. */
function randomSizes(count: number, seed: string): [number, number][] {
  const random = new Seeded(seed, 2 * count);
  return Array.from({ length: count }, () => [
    random.below(LARGEST + 1),
    random.below(LARGEST + 1),
  ]);
}

const tables = (n: number, m: number, seed: string) =>
  [people(n, `left ${seed} ${n}`), people(m, `right ${seed} ${m}`)] as const;

describe('every output is the plain computation', () => {
  test('at all sizes from 0 to 64', async () => {
    for (let size = 0; size <= 64; size += 1) {
      for (const other of new Set([size, 64 - size])) {
        const [a, b] = tables(size, other, 'small');
        await setsArePlain(a, b, ['vole', 'ecdh']);
        await countsArePlain(a, b);
      }
    }
  });

  test('at 200 random sizes by VOLE', async () => {
    for (const [n, m] of randomSizes(200, 'vole sizes')) {
      await setsArePlain(...tables(n, m, 'vole'), ['vole']);
    }
  });

  test('at 20 random sizes by Diffie-Hellman: sets, numbers and sums', async () => {
    for (const [n, m] of randomSizes(20, 'ecdh sizes')) {
      const [a, b] = tables(n, m, 'ecdh');
      await setsArePlain(a, b, ['ecdh']);
      await countsArePlain(a, b);
    }
  });
});
