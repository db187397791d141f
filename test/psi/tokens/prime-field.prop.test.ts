/** Residues in doubles against bigints, from the places where a rounded quotient goes wrong. */
import { equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import {
  addResidues,
  checkResidues,
  FIELD_PRIME,
  multiplyResidues,
  reduce,
  residueWords,
  subtractResidues,
  uniformResidues,
} from '../../../src/psi/tokens/prime-field.ts';

const T = BigInt(FIELD_PRIME);
const residue = fc.oneof(
  fc.constantFrom(0, 1, 2, 4095, 4096, 2 ** 24 - 1, 2 ** 24, 2 ** 36, (FIELD_PRIME - 1) / 2),
  fc.integer({ min: FIELD_PRIME - 5000, max: FIELD_PRIME - 1 }),
  fc.integer({ min: 0, max: FIELD_PRIME - 1 }),
);

test('products, sums and differences are those of integers', () => {
  fc.assert(
    fc.property(residue, residue, (a, b) => {
      const [x, y] = [BigInt(a), BigInt(b)];
      equal(BigInt(multiplyResidues(a, b)), (x * y) % T);
      equal(BigInt(addResidues(a, b)), (x + y) % T);
      equal(BigInt(subtractResidues(a, b)), (x - y + T) % T);
    }),
    { numRuns: 5000 },
  );
});

test('reduction beside every multiple of t', () => {
  const near = fc.tuple(fc.integer({ min: 0, max: 8188 }), fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(near, ([k, off]) => {
      const x = k * FIELD_PRIME + off;
      if (x >= 0) equal(BigInt(reduce(x)), BigInt(x) % T);
    }),
    { numRuns: 5000 },
  );
});

test('residues of a seed are the same again, in range, and spread', () => {
  using seed = new Secret('seed', new Uint8Array(32).fill(3));
  const [a, b, c] = ['one', 'one', 'two'].map((label) => uniformResidues(seed, label, 4096));
  equal(a?.join(), b?.join());
  equal(a?.join() === c?.join(), false);
  checkResidues(a ?? new Float64Array(0));
  // Mean t/2 with a standard deviation of t/√(12·4096): six of them, alpha 2e-9.
  const mean = (a ?? new Float64Array(0)).reduce((sum, x) => sum + x / 4096, 0) / FIELD_PRIME;
  equal(Math.abs(mean - 0.5) < 6 / Math.sqrt(12 * 4096), true);
});

test('words hold the same integers; others than residues are refused', () => {
  const words = residueWords(Float64Array.of(FIELD_PRIME - 1, 7));
  equal(new BigUint64Array(words.buffer).join(), `${T - 1n},7`);
  for (const bad of [FIELD_PRIME, -1, 0.5, Number.NaN]) {
    throws(() => checkResidues(Float64Array.of(0, bad)), { code: 'MALFORMED_MESSAGE' });
  }
});
