/**
 * What peeling leaves of a bin: rows whose columns all occur at least twice among them, solved by Gaussian
 * elimination over GF(2) with the dense columns. At the sizes in use there are none in most bins and a
 * handful else, so that this is plain code.
 * @module
 */

/** Far above what occurs with probability 2^-40 at the sizes in use; elimination is cubic. */
const LARGEST = 2048;
const DENSE_BITS = 48;

type Equation = {
  /** Bit v for variable v: sparse columns in the order of their numbers, then the dense ones. */
  bits: bigint;
  value: Uint8Array;
};

function add(to: Equation, other: Equation): void {
  to.bits ^= other.bits;
  to.value = to.value.map((byte, i) => byte ^ (other.value[i] as number));
}

/** The three sparse columns of a row. */
const sparseOf = (row: Uint8Array): number[] => {
  const view = new DataView(row.buffer, row.byteOffset);
  return [16, 18, 20].map((at) => view.getUint16(at, true));
};

function equation(row: Uint8Array, variables: ReadonlyMap<number, number>): Equation {
  const view = new DataView(row.buffer, row.byteOffset);
  const dense = BigInt(view.getUint32(22, true)) | (BigInt(view.getUint16(26, true)) << 32n);
  let bits = dense << BigInt(variables.size);
  for (const column of sparseOf(row)) bits |= 1n << BigInt(variables.get(column) as number);
  return { bits, value: row.slice(0, 16) };
}

const lowest = (bits: bigint): bigint => bits & -bits;

/** Reduced equations by the variable that each determines, or undefined where they contradict. */
function eliminate(equations: readonly Equation[]): Map<bigint, Equation> | undefined {
  const pivots = new Map<bigint, Equation>();
  for (const next of equations) {
    for (const [pivot, known] of pivots) if ((next.bits & pivot) !== 0n) add(next, known);
    if (next.bits === 0n) {
      if (next.value.some((byte) => byte !== 0)) return undefined;
      continue;
    }
    const pivot = lowest(next.bits);
    for (const known of pivots.values()) if ((known.bits & pivot) !== 0n) add(known, next);
    pivots.set(pivot, next);
  }
  return pivots;
}

/**
 * Columns (dense ones numbered from `sparse` on) and their values that satisfy all `rows`, every other
 * column being zero; undefined when there are none.
 */
export function solveCore(
  rows: readonly Uint8Array[],
  sparse: number,
): [number, Uint8Array][] | undefined {
  if (rows.length > LARGEST) return undefined;
  const columns = [...new Set(rows.flatMap(sparseOf))].sort((a, b) => a - b);
  const variables = new Map(columns.map((column, variable) => [column, variable]));
  const pivots = eliminate(rows.map((row) => equation(row, variables)));
  if (pivots === undefined) return undefined;
  const all = [...columns, ...Array.from({ length: DENSE_BITS }, (_, k) => sparse + k)];
  return [...pivots].map(([pivot, { value }]) => [
    all[pivot.toString(2).length - 1] as number,
    value,
  ]);
}
