/**
 * The key-value store on arrays and bigints: the oracle of the kernel's tests. Peeling by the same rule, the rest
 * by elimination with the same choice of free columns, so that columns agree and not only values.
 */
import { fromBytes } from './gf128.ts';

export type Row = {
  readonly index: number;
  readonly value: bigint;
  /** Three different columns. */
  readonly sparse: readonly [number, number, number];
  /** 48 bits. */
  readonly dense: bigint;
};

const below = (word: bigint, size: number): number => Number((word * BigInt(size)) >> 32n);
const rest = (word: bigint, size: number): bigint => (word * BigInt(size)) & 0xffffffffn;

/** The k-th of the numbers from 0 on that are not in `taken`. */
function skip(k: number, taken: readonly number[]): number {
  let at = k;
  for (const number of taken.toSorted((a, b) => a - b)) if (at >= number) at += 1;
  return at;
}

/** Bin and row of item `index` from its hash. */
export function place(
  hash: Uint8Array,
  index: number,
  bins: number,
  w: number,
): { bin: number; row: Row } {
  const [w4, w5, w6, w7] = [16, 20, 24, 28].map((at) => fromBytes(hash.slice(at, at + 4)));
  const a = below(rest(w4 as bigint, bins), w);
  const b = skip(below(w5 as bigint, w - 1), [a]);
  const c = skip(below(w6 as bigint, w - 2), [a, b]);
  const dense = (w7 as bigint) | ((rest(w6 as bigint, w - 2) >> 16n) << 32n);
  const row = { index, value: fromBytes(hash.slice(0, 16)), sparse: [a, b, c] as const, dense };
  return { bin: below(w4 as bigint, bins), row };
}

const bitsOf = (dense: bigint): number[] =>
  Array.from({ length: 48 }, (_, k) => k).filter((k) => ((dense >> BigInt(k)) & 1n) === 1n);

/** What `columns`, w sparse and 48 dense ones, give for a row. */
export const decode = (row: Row, columns: readonly bigint[], w: number): bigint =>
  [...row.sparse, ...bitsOf(row.dense).map((k) => w + k)].reduce(
    (sum, column) => sum ^ (columns[column] as bigint),
    0n,
  );

/** Pairs [row, column] in the order of removal. */
export function peel(rows: readonly Row[], w: number): [number, number][] {
  const left = Array.from({ length: w }, () => new Set<number>());
  rows.forEach(({ sparse }, i) => sparse.forEach((column) => left[column]?.add(i)));
  const stack = left.flatMap((set, column) => (set.size === 1 ? [column] : []));
  const order: [number, number][] = [];
  for (let column = stack.pop(); column !== undefined; column = stack.pop()) {
    const [i] = left[column] ?? [];
    if (i === undefined || left[column]?.size !== 1) continue;
    order.push([i, column]);
    for (const other of rows[i]?.sparse ?? []) {
      left[other]?.delete(i);
      if (left[other]?.size === 1) stack.push(other);
    }
  }
  return order;
}

/** Columns that give each row its value, or undefined. */
export function encode(rows: readonly Row[], w: number): bigint[] | undefined {
  const order = peel(rows, w);
  const columns = new Array<bigint>(w + 48).fill(0n);
  const peeled = new Set(order.map(([i]) => i));
  // Elimination over all columns, the lowest set bit being the pivot.
  const pivots: { bits: bigint; value: bigint }[] = [];
  for (const { sparse, dense, value } of rows.filter((_, i) => !peeled.has(i))) {
    const next = { bits: dense << BigInt(w), value };
    for (const column of sparse) next.bits ^= 1n << BigInt(column);
    for (const known of pivots) {
      if ((next.bits & known.bits & -known.bits) !== 0n) {
        next.bits ^= known.bits;
        next.value ^= known.value;
      }
    }
    if (next.bits === 0n && next.value !== 0n) return undefined;
    if (next.bits === 0n) continue;
    for (const known of pivots) {
      if ((known.bits & next.bits & -next.bits) !== 0n) {
        known.bits ^= next.bits;
        known.value ^= next.value;
      }
    }
    pivots.push(next);
  }
  for (const { bits, value } of pivots) columns[(bits & -bits).toString(2).length - 1] = value;
  for (const [i, column] of order.toReversed()) {
    const row = rows[i] as Row;
    columns[column] = row.value ^ decode(row, columns, w);
  }
  return columns;
}
