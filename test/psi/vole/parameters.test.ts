/** The derived sizes: against published figures, within their failure budget, and refused outside their range. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { sessionBytes } from '../../../src/psi/vole/messages.ts';
import { treeSizes } from '../../../src/psi/vole/noise-trees.ts';
import {
  maskLength,
  mostLoad,
  sparseColumns,
  TREES,
  voleParameters,
} from '../../../src/psi/vole/parameters.ts';

const LOGS = [0, 4, 10, 12, 14, 16, 18, 20, 22, 24];

describe('sizes', () => {
  test('columns over rows of one bin at 2^-40 (RR22 equation 3)', () => {
    const ratios = [14, 16, 20, 24].map((log) => sparseColumns(2 ** log, 40) / 2 ** log);
    deepStrictEqual(
      ratios.map((ratio) => ratio.toFixed(3)),
      ['1.268', '1.244', '1.227', '1.224'],
    );
  });

  test('masks: 41 bits above the number of pairs, in whole bytes', () => {
    deepStrictEqual(
      [16, 20, 24].map((log) => maskLength(2 ** log, 2 ** log)),
      [10, 11, 12],
    );
    deepStrictEqual(
      [60_000, 1_000_000].map((n) => maskLength(n, n)),
      [10, 11],
    );
    deepStrictEqual([maskLength(0, 0), maskLength(1, 1), maskLength(2 ** 24, 1)], [6, 6, 9]);
    for (const [nx, ny] of [
      [3, 5],
      [1000, 77],
      [2 ** 24, 2 ** 24 - 1],
    ] as const) {
      const bits = BigInt(8 * maskLength(nx, ny));
      ok(1n << bits >= (BigInt(nx) * BigInt(ny)) << 41n);
      ok(1n << (bits - 8n) < (BigInt(nx) * BigInt(ny)) << 41n);
    }
  });

  test('16-bit columns, room for every row, correlations for every column', () => {
    for (const log of LOGS) {
      const p = voleParameters(2 ** log, 2 ** log);
      ok(p.sparse <= 65536 && p.sparse > p.receiverCapacity);
      ok(p.receiverCapacity * p.bins >= 2 ** log && p.senderCapacity * p.bins >= 2 ** log);
      ok(p.correlations >= p.bins * p.columns && 2 * p.correlations === TREES * p.leaves);
      const { group, height, messageBytes } = treeSizes(p);
      ok((TREES / 2) % group === 0 && 2 ** height >= p.leaves && messageBytes < 2 ** 20);
    }
    equal(voleParameters(2 ** 20, 2 ** 20).bins, 21);
  });

  test('the load of a bin: the bound holds where the tail can be added up', () => {
    const [n, bins] = [20_000, 4];
    const load = mostLoad(n, bins);
    // log P(Binomial(n, 1/bins) = k), summed from load + 1 on.
    const logFactorial = Array.from({ length: n + 1 }, () => 0);
    for (let k = 1; k <= n; k += 1) logFactorial[k] = logFactorial[k - 1]! + Math.log(k);
    let tail = 0;
    for (let k = load + 1; k <= n; k += 1) {
      const choose = logFactorial[n]! - logFactorial[k]! - logFactorial[n - k]!;
      tail += Math.exp(choose - k * Math.log(bins) + (n - k) * Math.log(1 - 1 / bins));
    }
    ok(tail * bins < 2 ** -43, 'below the share');
    ok(tail * bins > 2 ** -50, 'and not by much');
    equal(mostLoad(100, 1), 100);
  });

  test('bytes an element, both directions: below 34 at 2^20, below 40 from 2^16', () => {
    const perItem = (log: number): number => {
      const { receiver, sender } = sessionBytes(voleParameters(2 ** log, 2 ** log), 'match');
      return (receiver + sender) / 2 ** log;
    };
    ok(perItem(20) < 33);
    for (const log of [16, 18, 22, 24]) ok(perItem(log) < 40);
  });
});
