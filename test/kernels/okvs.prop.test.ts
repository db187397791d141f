/** The key-value store: kernel and twin agree on rows, columns and values, with and without a core. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { DENSE_COLUMNS, OkvsBin, OkvsBins } from '../../src/kernels/okvs.ts';
import { elements } from '../../src/kernels/reference/gf128.ts';
import { decode, encode, peel, place, type Row } from '../../src/kernels/reference/okvs.ts';
import { refusal } from '../support/refusal.ts';

const CAPACITY = 200;

const hashes = (n: number, seed: number): Uint8Array => {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(seed);
  return new Uint8Array(
    createCipheriv('aes-128-ctr', Buffer.alloc(16), iv).update(new Uint8Array(32 * n)),
  );
};

function rowsOf(items: Uint8Array, bins: number, sparse: number): Row[][] {
  const out: Row[][] = Array.from({ length: bins }, () => []);
  for (let i = 0; 32 * i < items.length; i += 1) {
    const { bin, row } = place(items.slice(32 * i, 32 * i + 32), i, bins, sparse);
    out[bin]?.push(row);
  }
  return out;
}

const given = fc.record({
  n: fc.integer({ min: 0, max: 70 }),
  bins: fc.integer({ min: 1, max: 3 }),
  // From comfortable to hopeless.
  sparse: fc.integer({ min: 12, max: 120 }),
  seed: fc.nat(),
});

describe('okvs', () => {
  test('kernel equals its twin, and what was encoded is decoded', () => {
    let cores = 0;
    fc.assert(
      fc.property(given, ({ n, bins, sparse, seed }) => {
        const items = hashes(n, seed);
        using binned = new OkvsBins(bins, { sparse, capacity: CAPACITY });
        ok(
          binned.add(items.subarray(0, 32 * (n >> 1))) && binned.add(items.subarray(32 * (n >> 1))),
        );
        const twin = rowsOf(items, bins, sparse);
        using bin = new OkvsBin({ sparse, capacity: CAPACITY });
        twin.forEach((rows, b) => {
          if (peel(rows, sparse).length < rows.length) cores += 1;
          const expected = encode(rows, sparse);
          const view = binned.rows(b);
          equal(view.length, 32 * rows.length);
          const columns = bin.encode(view);
          deepStrictEqual(columns && elements(columns), expected);
          if (columns === undefined || expected === undefined) return;
          const values = elements(bin.decode(view, columns));
          deepStrictEqual(
            values,
            rows.map((row) => row.value),
          );
          const other = hashes((sparse + DENSE_COLUMNS) / 2, seed + 1).slice(0, columns.length);
          const noise = other.length === columns.length ? other : columns;
          deepStrictEqual(
            elements(bin.decode(view, noise)),
            rows.map((row) => decode(row, elements(noise), sparse)),
          );
        });
      }),
      { numRuns: 60 },
    );
    ok(cores > 10, 'elimination was exercised');
  });

  test('equal rows with different values have no encoding; with equal values they do', () => {
    using bin = new OkvsBin({ sparse: 64, capacity: 4 });
    using binned = new OkvsBins(1, { sparse: 64, capacity: 4 });
    const one = hashes(1, 7);
    binned.add(one);
    binned.add(one);
    const rows = binned.rows(0).slice();
    ok(bin.encode(rows) !== undefined);
    rows[0]! ^= 1;
    equal(bin.encode(rows), undefined);
  });

  test('a full bin is reported', () => {
    using binned = new OkvsBins(1, { sparse: 64, capacity: 4 });
    equal(binned.add(hashes(4, 1)), true);
    equal(binned.add(hashes(1, 2)), false);
  });

  test('refuses sizes that do not fit 16-bit columns', () => {
    for (const sparse of [2, 65537, 3.5]) {
      throws(() => new OkvsBin({ sparse, capacity: 4 }), refusal('INVALID_PARAMETER'));
    }
    using bin = new OkvsBin({ sparse: 64, capacity: 4 });
    throws(() => bin.encode(new Uint8Array(32 * 5)), refusal('INVALID_PARAMETER'));
    throws(() => bin.decode(new Uint8Array(32), new Uint8Array(16)), refusal('INVALID_PARAMETER'));
  });
});
