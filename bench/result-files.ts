/** The committed results: bench/results/<date>-<commit>.json, written by `bench --out`. @module */
import { join } from 'node:path';
import { packageRoot } from '../src/cli/version.ts';
import { publishedResults } from '../src/sandbox/benchmarks/published.ts';
import {
  type Measurement,
  type Recorded,
  RESULTS_FORMAT,
  type Results,
} from '../src/sandbox/benchmarks/results.ts';

export const RESULTS = join(packageRoot(), 'bench', 'results');

export function resultsFile(
  rows: readonly Measurement[],
  recorded: readonly Recorded[],
  now = new Date(),
): string {
  const results: Results = {
    format: RESULTS_FORMAT,
    commit: rows[0]?.commit ?? 'unknown',
    date: `${now.toISOString().slice(0, 19)}Z`,
    machine: rows[0]?.machine ?? 'unknown',
    measurements: [...recorded],
  };
  return `${JSON.stringify(results, null, 1)}\n`;
}

/** All runs of a folder, oldest first; the committed ones by default. */
export const readResults = (folder: string = RESULTS): Results[] => publishedResults(folder);
