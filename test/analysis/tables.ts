/** Exact tables from rows: what a holder would sum, and what its noise adds to it. */
import { readFileSync } from 'node:fs';
import type { Reading } from '../../src/analysis/reading.ts';
import { sharedData } from '../support/shared-data.ts';

export type Row = { readonly time: number; readonly event: boolean; readonly arm?: number };

/** Small enough for every interval to be that of the data alone. */
export const NO_NOISE = 1e-18;

export const quiet = (values: readonly number[], noise = NO_NOISE): Reading => ({
  values,
  noise: values.map(() => noise),
});

/** Exits by arm, interval and kind: interval i is (g_i, g_{i+1}], the first closed at g_0. */
export function exitCounts(rows: readonly Row[], grid: readonly number[], arms = 1): number[] {
  const size = 2 * (grid.length - 1) + 1;
  const counts = Array<number>(arms * size).fill(0);
  for (const { time, event, arm = 0 } of rows) {
    const end = grid.findIndex((g, i) => i > 0 && time <= g);
    const slot = end < 0 ? size - 1 : 2 * (end - 1) + (event ? 0 : 1);
    counts[arm * size + slot]! += 1;
  }
  return counts;
}

/** A, B, Q of values in steps. */
export function momentSums(values: readonly number[], min: number, max: number): number[] {
  const sum = (f: (x: number) => number): number => values.reduce((total, x) => total + f(x), 0);
  return [sum((x) => x - min), sum((x) => max - x), sum((x) => (x - min) * (max - x))];
}

/** The rows of a shared CSV file by column name, undefined where it is absent. No quoted commas. */
export function sharedCsv(path: string, separator = ','): Record<string, string>[] | undefined {
  const file = sharedData(path);
  if (file === undefined) return undefined;
  const [header = [], ...lines] = readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(separator).map((cell) => cell.replaceAll('"', '')));
  return lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
}

/** 0, 1, ..., up to `last`, times `unit`. */
export const unitGrid = (last: number, unit = 1): number[] =>
  Array.from({ length: last + 1 }, (_, i) => i * unit);
