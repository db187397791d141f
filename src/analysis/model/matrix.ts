/** Small symmetric matrices: inverse, products, and the smallest eigenvalue. Fixed order. @module */

export type Matrix = readonly (readonly number[])[];

export const zeros = (size: number): number[][] =>
  Array.from({ length: size }, () => Array<number>(size).fill(0));

export const identity = (size: number, scale = 1): number[][] =>
  zeros(size).map((row, i) => row.map((_, j) => (i === j ? scale : 0)));

export const entry = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] ?? 0;

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

export const apply = (matrix: Matrix, vector: readonly number[]): number[] =>
  matrix.map((row) => dot(row, vector));

export const plus = (a: Matrix, b: Matrix): number[][] =>
  a.map((row, i) => row.map((value, j) => value + entry(b, i, j)));

/** matrix += weight·u·u'. */
export function addOuter(matrix: number[][], weight: number, u: readonly number[]): void {
  matrix.forEach((row, i) => {
    const left = weight * (u[i] ?? 0);
    if (left === 0) return;
    u.forEach((right, j) => (row[j] = (row[j] ?? 0) + left * right));
  });
}

/** Pivots below this part of their diagonal entry are rounding. */
const NEGLIGIBLE = 1e-11;

/** The inverse, undefined where the matrix is not positive definite. Gauss, Jordan; no pivoting. */
export function inverse(matrix: Matrix): number[][] | undefined {
  const size = matrix.length;
  const left = matrix.map((row) => [...row]);
  const right = identity(size);
  for (let k = 0; k < size; k++) {
    const [row, own] = [left[k] ?? [], right[k] ?? []];
    const pivot = row[k] ?? 0;
    if (!(pivot > NEGLIGIBLE * entry(matrix, k, k)) || !Number.isFinite(pivot)) return undefined;
    for (let j = 0; j < size; j++) {
      row[j] = (row[j] ?? 0) / pivot;
      own[j] = (own[j] ?? 0) / pivot;
    }
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const [other, into] = [left[i] ?? [], right[i] ?? []];
      const factor = other[k] ?? 0;
      for (let j = 0; j < size; j++) {
        other[j] = (other[j] ?? 0) - factor * (row[j] ?? 0);
        into[j] = (into[j] ?? 0) - factor * (own[j] ?? 0);
      }
    }
  }
  return right;
}

/** Diagonal of outer·inner·outer for a symmetric `outer`. */
export function sandwich(outer: Matrix, inner: Matrix): number[] {
  return outer.map((row) => dot(row, apply(inner, row)));
}

/** Rotations of a matrix until nothing is left off its diagonal (Jacobi 1846). */
const SWEEPS = 12;

/** The smallest eigenvalue of a symmetric matrix. */
export function smallestEigenvalue(matrix: Matrix): number {
  const m = matrix.map((row) => [...row]);
  const size = m.length;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(m, p, q);
  }
  return m.reduce((least, row, i) => Math.min(least, row[i] ?? least), Infinity);
}

/** Makes m[p][q] zero. */
function rotate(m: number[][], p: number, q: number): void {
  const off = entry(m, p, q);
  if (off === 0) return;
  const theta = (entry(m, q, q) - entry(m, p, p)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of m) {
    const [a, b] = [row[p] ?? 0, row[q] ?? 0];
    row[p] = c * a - s * b;
    row[q] = s * a + c * b;
  }
  const [above, below] = [m[p] ?? [], m[q] ?? []];
  for (let j = 0; j < m.length; j++) {
    const [a, b] = [above[j] ?? 0, below[j] ?? 0];
    above[j] = c * a - s * b;
    below[j] = s * a + c * b;
  }
}
