/**
 * Which hidden values of a table can be computed from the shown ones.
 *
 * Values are tied by relations: Σ ±value = something known. A hidden value is determined if and only
 * if the relations, restricted to the hidden values, have it alone in their row space, that is, if
 * a row of their reduced echelon form has no other entry. Arithmetic is modulo a prime of 26 bits:
 * entries of relations are ±1, and products stay exact in a double.
 * @module
 */

/** Ids of the values whose signed sum is known, with their signs. */
export type Relation = ReadonlyMap<number, 1 | -1>;

const PRIME = 67_108_859;

function power(base: number, exponent: number): number {
  let [result, square] = [1, base % PRIME];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

type Row = Map<number, number>;

/** row −= factor·other, without entries of zero. */
function subtract(row: Row, factor: number, other: Row): void {
  for (const [id, value] of other) {
    const next = ((row.get(id) ?? 0) + PRIME - ((factor * value) % PRIME)) % PRIME;
    if (next === 0) row.delete(id);
    else row.set(id, next);
  }
}

/** The ids among `hidden` whose values follow from all others. */
export function determined(
  relations: readonly Relation[],
  hidden: ReadonlySet<number>,
): Set<number> {
  const pivots = new Map<number, Row>();
  for (const relation of relations) {
    const row: Row = new Map();
    for (const [id, sign] of relation) if (hidden.has(id)) row.set(id, sign === 1 ? 1 : PRIME - 1);
    for (const [id, pivot] of pivots) {
      const factor = row.get(id);
      if (factor !== undefined) subtract(row, factor, pivot);
    }
    const [first] = row;
    if (first === undefined) continue;
    const [id, value] = first;
    const scale = power(value, PRIME - 2);
    for (const [key, own] of row) row.set(key, (own * scale) % PRIME);
    for (const pivot of pivots.values()) {
      const factor = pivot.get(id);
      if (factor !== undefined) subtract(pivot, factor, row);
    }
    pivots.set(id, row);
  }
  return new Set([...pivots].flatMap(([id, row]) => (row.size === 1 ? [id] : [])));
}
