/**
 * `npm run bench:publish`: from bench/results/*.json to bench/results/README.md, to the numbers of the
 * README, and to one page with charts that needs no server, bench/results/index.html, which is not committed.
 * `--check` writes nothing and fails where a committed text differs from what the results say.
 * @module
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../src/cli/version.ts';
import { benchmarksPage } from '../src/sandbox/benchmarks/page.ts';
import type { Results } from '../src/sandbox/benchmarks/results.ts';
import { resultsReadme } from './markdown.ts';
import { withNumbers } from './readme-numbers.ts';
import { readResults, RESULTS } from './result-files.ts';

const README = join(packageRoot(), 'README.md');

/** path → text of what is committed. */
export function committed(runs: readonly Results[]): Map<string, string> {
  const latest = runs.at(-1);
  if (latest === undefined) return new Map();
  return new Map([
    [join(RESULTS, 'README.md'), resultsReadme(runs)],
    [README, withNumbers(readFileSync(README, 'utf8'), latest)],
  ]);
}

/** What the page loads, as built. */
export function standaloneAssets(): { readonly script: string; readonly style: string } {
  const built = (name: string): string => readFileSync(join(packageRoot(), 'dist', name), 'utf8');
  return { script: built('benchmarks-page.js'), style: built('benchmarks-style.css') };
}

/** The page with script and style inside. */
export const standalonePage = (runs: readonly Results[]): string =>
  benchmarksPage(runs, { ...standaloneAssets(), inline: true });

export function main(argv: readonly string[]): number {
  const runs = readResults();
  if (runs.length === 0) {
    process.stderr.write('no results in bench/results: npx kakehashi bench --out FILE\n');
    return 1;
  }
  const texts = committed(runs);
  if (argv.includes('--check')) {
    const stale = [...texts].filter(([file, text]) => readFileSync(file, 'utf8') !== text);
    for (const [file] of stale) process.stderr.write(`${file} is not what the results say\n`);
    return stale.length > 0 ? 1 : 0;
  }
  for (const [file, text] of texts) writeFileSync(file, text);
  writeFileSync(join(RESULTS, 'index.html'), standalonePage(runs));
  process.stdout.write(`${runs.length} runs published; charts: bench/results/index.html\n`);
  return 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) {
  process.exitCode = main(process.argv.slice(2));
}
