/**
 * How often random rows depend on each other, at sizes so tight that it happens, and what that says about the sizes
 * in use.
 *
 * RR22 equation 3 claims that at e columns a row the sparse columns leave a gap with probability at most 2^-λ,
 * λ = slope (e − 1.223) − 9.2; the sizes in use are extrapolated on that line to λ of 42 and more. At 128 and 256
 * rows and ratios where it promises 1 to 5 bits, the gaps in N trials must not be more than the claim allows:
 * binomial, Chernoff bound, alpha = 10^-6 for each of the four points. Every one of these rows must be encoded
 * all the same, which is what the 48 dense columns are for. Control: at the ratio 1, where a gap is
 * nearly sure, the count is far beyond any of the claims.
 */
import { equal, ok } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'vitest';
import { OkvsBin, OkvsBins } from '../../../src/kernels/okvs.ts';
import { peel, place } from '../../../src/kernels/reference/okvs.ts';
import { sparseColumns } from '../../../src/psi/vole/parameters.ts';

const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 3), Buffer.alloc(16));
const hashes = (n: number): Uint8Array => new Uint8Array(cipher.update(new Uint8Array(32 * n)));

/** Rows that are sums of others in the sparse columns: none in most trials. */
function gap(items: Uint8Array, sparse: number): number {
  const rows = Array.from({ length: items.length / 32 }, (_, i) => {
    return place(items.slice(32 * i, 32 * i + 32), i, 1, sparse).row;
  });
  const peeled = new Set(peel(rows, sparse).map(([i]) => i));
  const pivots = new Map<number, bigint>();
  let dependent = 0;
  for (const row of rows.filter((_, i) => !peeled.has(i))) {
    let bits = row.sparse.reduce((sum, column) => sum ^ (1n << BigInt(column)), 0n);
    while (bits !== 0n) {
      const top = bits.toString(2).length;
      const pivot = pivots.get(top);
      if (pivot === undefined) {
        pivots.set(top, bits);
        break;
      }
      bits ^= pivot;
    }
    if (bits === 0n) dependent += 1;
  }
  return dependent;
}

/** Of `trials`, how many have a gap. All are encoded. */
function gaps(rows: number, sparse: number, trials: number): number {
  using bin = new OkvsBin({ sparse, capacity: rows });
  let found = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const items = hashes(rows);
    if (gap(items, sparse) > 0) found += 1;
    using binned = new OkvsBins(1, { sparse, capacity: rows });
    binned.add(items);
    ok(bin.encode(binned.rows(0)) !== undefined);
  }
  return found;
}

/** exp(−N D(k/N ‖ p)): bounds the probability of k of N or more, with probability p each. */
function chernoff(k: number, trials: number, p: number): number {
  const q = k / trials;
  if (q <= p) return 1;
  const other = q === 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p));
  return Math.exp(-trials * (q * Math.log(q / p) + other));
}

const TRIALS = 250;
const ALPHA = 1e-6;

describe('gaps', () => {
  for (const [rows, bits] of [
    [128, 1],
    [128, 4],
    [256, 2],
    [256, 5],
  ] as const) {
    test(`at most 2^-${bits} of the time, ${rows} rows at the ratio for ${bits} bits`, () => {
      const found = gaps(rows, sparseColumns(rows, bits), TRIALS);
      ok(chernoff(found, TRIALS, 2 ** -bits) > ALPHA, `${found} of ${TRIALS}`);
    });
  }

  test('control: at as many columns as rows there is one nearly always', () => {
    const found = gaps(128, 128, 60);
    equal(chernoff(found, 60, 1 / 2) < ALPHA, true, `${found} of 60`);
  });
});
