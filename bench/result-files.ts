/** The committed results: bench/results/<date>-<commit>.json, written by `bench --out`. @module */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/cli/version.ts';
import {
  type Measurement,
  parseResults,
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

/** All committed runs, oldest first. */
export const readResults = (folder = RESULTS): Results[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parseResults(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
