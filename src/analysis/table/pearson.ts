/** A table of noised counts, its margins and Pearson's statistic of independence. @module */

export type Table = {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: readonly number[];
  /** Noise variance of each count. */
  readonly noise: number;
};

export function marginsOf({ rows, columns, values }: Omit<Table, 'noise'>) {
  const row = Array<number>(rows).fill(0);
  const column = Array<number>(columns).fill(0);
  values.forEach((value, i) => {
    const [r, c] = [Math.floor(i / columns), i % columns];
    row[r] = (row[r] ?? 0) + value;
    column[c] = (column[c] ?? 0) + value;
  });
  return { row, column, total: row.reduce((a, b) => a + b, 0) };
}

/** Pearson's statistic; undefined where a margin is not positive. */
export function chiSquare(table: Omit<Table, 'noise'>): number | undefined {
  const { row, column, total } = marginsOf(table);
  if ([...row, ...column].some((margin) => !(margin > 0))) return undefined;
  return table.values.reduce((sum, value, i) => {
    const r = row[Math.floor(i / table.columns)] ?? 0;
    const c = column[i % table.columns] ?? 0;
    const expected = (r * c) / total;
    return sum + ((value - expected) * (value - expected)) / expected;
  }, 0);
}
