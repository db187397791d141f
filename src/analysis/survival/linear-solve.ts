/**
 * v'·M⁻·v for a symmetric, positive semi-definite M: the square of a Mahalanobis distance.
 *
 * Cholesky without square roots (L·D·L'); a pivot that is zero but for rounding is left out,
 * which is the generalised inverse on the directions that M has. The order of operations is
 * fixed.
 * @module
 */

/** Pivots below this part of their diagonal entry are rounding. */
const NEGLIGIBLE = 1e-10;

export function squaredDistance(
  matrix: readonly (readonly number[])[],
  vector: readonly number[],
): { square: number; rank: number } {
  const m = matrix.map((row) => [...row]);
  const v = [...vector];
  let [square, rank] = [0, 0];
  v.forEach((_, k) => {
    const row = m[k] ?? [];
    const pivot = row[k] ?? 0;
    if (!(pivot > NEGLIGIBLE * (matrix[k]?.[k] ?? 0))) return;
    const value = v[k] ?? 0;
    square += (value * value) / pivot;
    rank += 1;
    for (let i = k + 1; i < v.length; i++) {
      const below = m[i] ?? [];
      const factor = (below[k] ?? 0) / pivot;
      v[i] = (v[i] ?? 0) - factor * value;
      for (let j = k; j < v.length; j++) below[j] = (below[j] ?? 0) - factor * (row[j] ?? 0);
    }
  });
  return { square, rank };
}
