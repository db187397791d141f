/** A decoder of image tables (image/abi.ts) that shares nothing with their writer. */
import { deepStrictEqual, ok } from 'node:assert/strict';

export type TableRow = readonly (bigint | number | null)[];

export function readTable(table: Uint8Array): { rows: TableRow[]; starts: number[] } {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  deepStrictEqual([word(0), word(20)], [1, 0]);
  const [people, count, columns, offsets] = [word(4), word(8), word(12), word(16)];
  const column = (i: number): (bigint | number | null)[] => {
    const head = 24 + 16 * i;
    const [type, nulls, validity, values] = [
      word(head),
      word(head + 4),
      word(head + 8),
      word(head + 12),
    ];
    ok(validity % 8 === 0 && values % 8 === 0);
    const all = Array.from({ length: count }, (_, r) => {
      const valid = ((table[validity + (r >> 3)] ?? 0) >> (r & 7)) % 2 === 1;
      const value =
        type === 0
          ? view.getBigInt64(values + 8 * r, true)
          : type === 1
            ? view.getFloat64(values + 8 * r, true)
            : view.getInt32(values + 4 * r, true);
      // Nothing is left under a null.
      if (!valid) deepStrictEqual(Number(value), 0);
      return valid ? value : null;
    });
    deepStrictEqual(all.filter((value) => value === null).length, nulls);
    return all;
  };
  const parts = Array.from({ length: columns }, (_, i) => column(i));
  return {
    rows: Array.from({ length: count }, (_, r) => parts.map((part) => part[r] ?? null)),
    starts: Array.from({ length: people + 1 }, (_, i) => view.getInt32(offsets + 4 * i, true)),
  };
}
