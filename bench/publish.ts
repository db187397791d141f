/**
 * `npm run bench:publish`: from bench/results/*.json to bench/results/README.md, to the numbers of the
 * README, and to one page with charts that needs no server, bench/results/index.html, which is not committed.
 * `--check` writes nothing and fails where a committed text differs from what the results say. `--folder DIR`
 * does so with the results in another folder, for runs of one's own: README.md and index.html in it, nothing else.
 * Exit codes: 0 published, 1 nothing to publish or a text is stale, 2 usage.
 * @module
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
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

type Options = { readonly check: boolean; readonly folder: string | undefined };

/** Undefined where they are none. */
function optionsOf(argv: readonly string[]): Options | undefined {
  try {
    const options = {
      check: { type: 'boolean', default: false },
      folder: { type: 'string' },
    } as const;
    const { check, folder } = parseArgs({ args: [...argv], options }).values;
    return check && folder !== undefined ? undefined : { check, folder };
  } catch {
    return undefined;
  }
}

const fail = (text: string, code: number): number => {
  process.stderr.write(`${text}\n`);
  return code;
};

function staleTexts(texts: ReadonlyMap<string, string>): number {
  const stale = [...texts].filter(([file, text]) => readFileSync(file, 'utf8') !== text);
  for (const [file] of stale) fail(`${file} is not what the results say`, 1);
  return stale.length > 0 ? 1 : 0;
}

export function main(argv: readonly string[]): number {
  const options = optionsOf(argv);
  if (options === undefined) return fail('bench:publish [--check | --folder DIR]', 2);
  const folder = options.folder === undefined ? RESULTS : resolve(options.folder);
  const runs = readResults(folder);
  if (runs.length === 0) return fail(`no results in ${folder}: npx kakehashi bench --out FILE`, 1);
  const texts =
    folder === RESULTS
      ? committed(runs)
      : new Map([[join(folder, 'README.md'), resultsReadme(runs)]]);
  if (options.check) return staleTexts(texts);
  const page = join(folder, 'index.html');
  for (const [file, text] of [...texts, [page, standalonePage(runs)] as const]) {
    writeFileSync(file, text);
  }
  process.stdout.write(`${runs.length} runs published; charts: ${page}\n`);
  return 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) {
  process.exitCode = main(process.argv.slice(2));
}
