/** bench/results/README.md, made of the result files: tables that read well in a repository. @module */
import { secondsOf } from '../src/sandbox/benchmarks/charts.ts';
import { type Growth, growthOf } from '../src/sandbox/benchmarks/growth.ts';
import { peersText } from '../src/sandbox/benchmarks/page.ts';
import { keyOf, type Recorded, type Results } from '../src/sandbox/benchmarks/results.ts';
import { PUBLISHED_FIGURES } from './published-figures.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const count = (value: number): string => value.toLocaleString('en');
const short = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');

const measured = ({ measurements }: Results): string =>
  table(
    [
      'case',
      'size',
      'median',
      'spread',
      'samples',
      'against (speed, same run)',
      'bytes an item',
      'peak MB',
      'load',
    ],
    measurements.map((entry) => [
      `\`${entry.case}\``,
      count(entry.size),
      `${entry.median} ${entry.unit}`,
      `${(100 * entry.spread).toFixed(1)} %`,
      String(entry.samples),
      peersText(entry),
      entry.bytesPerItem === null ? '' : String(entry.bytesPerItem),
      count(entry.peakRssMb),
      String(entry.load),
    ]),
  );

const calibration = ({ measurements }: Results): string => {
  const range = (pick: (entry: Recorded) => number): string => {
    const values = measurements.map(pick);
    return `${short(Math.min(...values))} to ${short(Math.max(...values))}`;
  };
  return [
    `Calibration over the cases of the run: AES-128-ECB ${range((e) => e.calibration.aesGiBs)} GiB/s (reference 2.0), copy`,
    `${range((e) => e.calibration.copyGBs)} GB/s, forward transform of 4,096 ${range((e) => e.calibration.nttUs)} us (reference 17.6).`,
  ].join('\n');
};

const duration = (seconds: number): string =>
  seconds < 120
    ? `${short(seconds)} s`
    : seconds < 7200
      ? `${short(seconds / 60)} min`
      : `${short(seconds / 3600)} h`;

const bytesText = (bytes: number): string =>
  bytes < 1e9 ? `${short(bytes / 1e6)} MB` : `${short(bytes / 1e9)} GB`;

/** Sizes that are extrapolated to, and the cases for which they mean something. */
const FAR = [1e8, 1e9];
const FAR_CASES = ['psi/vole', 'he/pooled', 'flow/pooled', 'flow/linked'];

/** Bytes of the machine's memory, as its description has them ("24 GiB"). */
const memoryOf = (machine: string): number =>
  Number(/(\d+) GiB/.exec(machine)?.[1] ?? Infinity) * 2 ** 30;

const far = (growth: Growth, machine: string): string[][] =>
  FAR.map((size) => {
    const memory = growth.memoryMb(size) * 1e6;
    return [
      `\`${growth.case}\``,
      count(size),
      growth.carried.toFixed(2),
      duration(growth.seconds(size)),
      bytesText(memory),
      growth.bytes === null ? '' : bytesText(growth.bytes(size)),
      memory < memoryOf(machine) ? 'one' : `${Math.ceil(memory / memoryOf(machine))} by memory`,
    ];
  });

function growthText(latest: Results): string {
  const all = growthOf(latest.measurements);
  const slopes = all.map(({ case: name, sizes, slope }) => [
    `\`${name}\``,
    sizes.map(count).join(', '),
    slope.toFixed(2),
  ]);
  const extrapolated = all
    .filter((growth) => FAR_CASES.includes(growth.case))
    .flatMap((growth) => far(growth, latest.machine));
  return [
    'Slope of log time against log size, least squares; 1 is linear.',
    '',
    table(['case', 'sizes', 'slope'], slopes),
    '',
    '**Extrapolated, not measured**: time carried on from the largest measured size with the slope between the two largest, and linearly at the',
    'least; memory and network along the lines through the smallest and the largest size. Machines like this one: where memory is short, cells, bins or',
    'cohorts would have to be split over several, which this version does not do; a holder is one machine.',
    '',
    table(
      ['case', 'size', 'exponent', 'time', 'memory of one process', 'network', 'machines'],
      extrapolated,
    ),
  ].join('\n');
}

function history(runs: readonly Results[]): string {
  const latest = runs.at(-1)?.measurements ?? [];
  const inTransforms = (entry: Recorded | undefined): string =>
    entry === undefined ? '' : short(secondsOf(entry) / (entry.calibration.nttUs * 1e-6));
  const rows = latest.map((now) => [
    `\`${now.case}\` ${count(now.size)}`,
    ...runs.map(({ measurements }) =>
      inTransforms(measurements.find((entry) => keyOf(entry) === keyOf(now))),
    ),
  ]);
  return table(
    ['case', ...runs.map(({ commit, date }) => `${date.slice(0, 10)} ${commit.slice(0, 7)}`)],
    rows,
  );
}

const published = (): string =>
  table(
    ['ours', 'theirs', 'figure', 'machine', 'source'],
    PUBLISHED_FIGURES.map((figure) => [
      `\`${figure.case}\``,
      figure.what,
      figure.figure,
      figure.machine,
      figure.source,
    ]),
  );

/** Of runs, oldest first. */
export function resultsReadme(runs: readonly Results[]): string {
  const latest = runs.at(-1);
  if (latest === undefined) return '# Results\n\nNone.\n';
  const timed = [...new Map(latest.measurements.map((entry) => [entry.case, entry.timed]))];
  return [
    '# Results',
    '',
    'Written by `npm run bench:publish` from the result files beside this one; do not edit. A new file: `npx kakehashi bench --full --out',
    'bench/results/DATE-COMMIT.json` on a quiet machine. `npm run bench:compare -- A B` says which differences exceed noise.',
    '',
    `${latest.machine}; commit ${latest.commit}; ${latest.date}.`,
    calibration(latest),
    '',
    '## Measured',
    '',
    measured(latest),
    '',
    '## Growth',
    '',
    growthText(latest),
    '',
    '## What others published about native programs',
    '',
    published(),
    '',
    '## Across commits',
    '',
    'Time in units of the transform of 4,096 of the same run, so that a slower machine shows less.',
    '',
    history(runs),
    '',
    '## What is timed',
    '',
    table(
      ['case', 'from start to end'],
      timed.map(([name, text]) => [`\`${name}\``, text]),
    ),
    '',
  ].join('\n');
}
