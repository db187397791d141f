/**
 * `npm run bench:compare -- A B`: which differences between two result files exceed noise (noise.ts).
 * Times are compared with what the calibration of both runs says of the machine; ratios to a peer of the
 * same run without. Exit codes: 0 nothing is slower, 1 something is, 2 usage, or files with nothing to compare.
 * @module
 */
import { readFileSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { keyOf, ownTimes, parseResults, type Recorded } from '../src/sandbox/benchmarks/results.ts';
import { compareSamples, drift, ratios, type Verdict } from './noise.ts';
import { columns } from './table.ts';

type Row = { readonly what: string; readonly verdict: Verdict };

/** The times of one case, then its ratio to every peer that both runs had: above 1 is slower. */
function compareCase(before: Recorded, after: Recorded): Row[] {
  const [old, now] = [ownTimes(before), ownTimes(after)];
  const machine = drift(before.calibration, after.calibration);
  const peers = Object.keys(after.peers).filter((name) => name in before.peers);
  const costs = ({ times }: Recorded, own: readonly number[], name: string): number[] =>
    ratios(times[name] ?? [], own);
  return [
    { what: keyOf(after), verdict: compareSamples(old, now, machine) },
    ...peers.map((name) => ({
      what: `${keyOf(after)} against ${name}`,
      verdict: compareSamples(costs(before, old, name), costs(after, now, name), 0),
    })),
  ];
}

/** Every case and size that both files have. */
export function compare(before: readonly Recorded[], after: readonly Recorded[]): Row[] {
  const old = new Map(before.map((entry) => [keyOf(entry), entry]));
  return after.flatMap((entry) => {
    const earlier = old.get(keyOf(entry));
    return earlier === undefined ? [] : compareCase(earlier, entry);
  });
}

const word = ({ factor, differs }: Verdict): string =>
  differs ? (factor > 1 ? 'slower' : 'faster') : 'within noise';
const times = (value: number): string => `x ${value.toFixed(3)}`;

/** Undefined, and said so, where a file has none. */
function measurementsOf(file: string): readonly Recorded[] | undefined {
  try {
    return parseResults(readFileSync(file, 'utf8')).measurements;
  } catch {
    process.stderr.write(`${file} is no file of results: npx kakehashi bench --out FILE\n`);
    return undefined;
  }
}

export function main(argv: readonly string[]): number {
  const [before, after, ...rest] = argv;
  if (before === undefined || after === undefined || rest.length > 0) {
    process.stderr.write('bench:compare BEFORE.json AFTER.json\n');
    return 2;
  }
  const [old, now] = [before, after].map(measurementsOf);
  if (old === undefined || now === undefined) return 2;
  const rows = compare(old, now);
  if (rows.length === 0) {
    process.stderr.write('no case and size is in both files\n');
    return 2;
  }
  const head = ['case', 'after / before', 'noise up to', 'verdict'];
  const cells = rows.map(({ what, verdict }) => [
    what,
    times(verdict.factor),
    times(verdict.noise),
    word(verdict),
  ]);
  process.stdout.write(`${columns([head, ...cells])}\n`);
  return rows.some(({ verdict }) => word(verdict) === 'slower') ? 1 : 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) {
  process.exitCode = main(process.argv.slice(2));
}
