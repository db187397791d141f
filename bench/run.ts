/**
 * Runs benchmark cases: `kakehashi bench [CASE] [--sizes N,N] [--json] [--gate]`.
 *
 * With --json one object a line (DESIGN section 8), else a table; progress goes to stderr. CASE is
 * a name or the front of one (`kernel`); all cases without it. --gate fails where a case's ratio
 * is below what it promises. Exit codes: 0 ok, 1 a gate failed, 2 usage.
 * @module
 */
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Calibration, calibrate, commit, machine } from './calibration.ts';
import type { BenchCase, Unit } from './case.ts';
import { measure, quantile, type Samples, spread } from './measure.ts';

/** name → the module with the case. Loaded only when it runs. */
const CASES: Readonly<Record<string, () => Promise<{ readonly default: BenchCase }>>> = {
  'kernel/ntt': () => import('./cases/kernel-ntt.ts'),
  'kernel/ristretto255': () => import('./cases/kernel-ristretto255.ts'),
  'he/encrypt': () => import('./cases/he-encrypt.ts'),
  'he/add': () => import('./cases/he-add.ts'),
  'he/share': () => import('./cases/he-share.ts'),
  'he/combine': () => import('./cases/he-combine.ts'),
  'he/pooled': () => import('./cases/he-pooled.ts'),
  'he/paillier-encrypt': () => import('./cases/he-paillier-encrypt.ts'),
  'he/paillier-decrypt': () => import('./cases/he-paillier-decrypt.ts'),
  'he/columns': () => import('./cases/he-columns.ts'),
  'he/columns-groups': () => import('./cases/he-columns-groups.ts'),
  'psi/vole': () => import('./cases/psi-vole.ts'),
  'psi/ecdh': () => import('./cases/psi-ecdh.ts'),
  'psi/oprf': () => import('./cases/psi-oprf.ts'),
  'linkage/dice': () => import('./cases/linkage-dice.ts'),
  'flow/pooled': () => import('./cases/flow-pooled.ts'),
  'flow/linked': () => import('./cases/flow-linked.ts'),
};

const PER_SECOND: Readonly<Record<Unit, number>> = { s: 1, ms: 1e3, us: 1e6 };

export type Measurement = {
  readonly case: string;
  readonly size: number;
  readonly unit: Unit;
  /** Of our own contender, in `unit`. */
  readonly median: number;
  /** Interquartile range over median. */
  readonly spread: number;
  readonly samples: number;
  /** Ours over theirs in speed: 2 means that we take half the time. */
  readonly peers: Readonly<Record<string, number>>;
  readonly bytesPerItem: number | null;
  readonly peakRssMb: number;
  readonly calibration: Calibration;
  readonly machine: string;
  readonly commit: string;
};

type Environment = Pick<Measurement, 'calibration' | 'machine' | 'commit'>;

const short = (value: number): number => Number(value.toPrecision(4));
const middle = (samples: Samples | undefined): number => quantile(samples ?? [], 0.5);

async function runSize(
  bench: BenchCase,
  size: number,
  environment: Environment,
): Promise<{ measurement: Measurement; gate: string | undefined }> {
  const prepared = await bench.prepare(size);
  try {
    await prepared.check();
    const times = await measure(prepared.contenders);
    const bytes = prepared.bytesPerItem();
    const [[, ours] = ['', []], ...theirs] = [...times];
    const measurement: Measurement = {
      case: bench.name,
      size,
      unit: bench.unit,
      median: short(middle(ours) * PER_SECOND[bench.unit]),
      spread: short(spread(ours)),
      samples: ours.length,
      peers: Object.fromEntries(
        theirs.map(([name, samples]) => [name, short(middle(samples) / middle(ours))]),
      ),
      bytesPerItem: bytes === null ? null : short(bytes),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      ...environment,
    };
    return { measurement, gate: gateFailure(bench, size, times) };
  } finally {
    await prepared.teardown();
  }
}

/** Why the gate of `bench` does not hold, or undefined. */
export function gateFailure(
  { name, gate }: BenchCase,
  size: number,
  times: ReadonlyMap<string, Samples>,
): string | undefined {
  if (gate === undefined) return undefined;
  const ratio = middle(times.get(gate.against)) / middle(times.get(gate.contender));
  // Written so that NaN, a contender that is not there, fails too.
  if (ratio >= gate.atLeast) return undefined;
  const pair = `${gate.contender} over ${gate.against}`;
  return `gate: ${name} ${size}: ${pair} is ${short(ratio)}, below ${gate.atLeast}`;
}

const HEAD = ['case', 'size', 'median', 'spread', 'samples', 'against'];

function table(rows: readonly Measurement[]): string {
  const cells = rows.map((row) => [
    row.case,
    String(row.size),
    `${row.median} ${row.unit}`,
    `${(row.spread * 100).toFixed(1)} %`,
    String(row.samples),
    Object.entries(row.peers)
      .map(([name, ratio]) => `${ratio} x ${name}`)
      .join(', '),
  ]);
  const widths = HEAD.map((head, i) =>
    Math.max(head.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [HEAD, ...cells].map(line).join('\n');
}

function usage(message: string): number {
  process.stderr.write(`${message}\n`);
  process.stderr.write(`bench [CASE] [--sizes N,N] [--json] [--gate]\n`);
  process.stderr.write(`cases: ${Object.keys(CASES).join(' ')}\n`);
  return 2;
}

type Options = { wanted: string; sizes: number[]; json: boolean; gate: boolean };

/** The options, or what is wrong with them. */
function parse(argv: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        sizes: { type: 'string', default: '' },
        json: { type: 'boolean', default: false },
        gate: { type: 'boolean', default: false },
      },
    });
    if (positionals.length > 1) return 'one case at a time';
    const sizes = values.sizes === '' ? [] : values.sizes.split(',').map(Number);
    if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
      return '--sizes takes positive integers';
    }
    return { wanted: positionals[0] ?? '', sizes, json: values.json, gate: values.gate };
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable arguments';
  }
}

/** What `kakehashi bench` does; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  if (typeof options === 'string') return usage(options);
  const { wanted, sizes, json, gate } = options;
  const chosen = Object.entries(CASES).filter(
    ([name]) => wanted === '' || name === wanted || name.startsWith(`${wanted}/`),
  );
  if (chosen.length === 0) return usage(`no case is called ${wanted}`);

  const environment = { calibration: calibrate(), machine: machine(), commit: commit() };
  const rows: Measurement[] = [];
  const failures: string[] = [];
  for (const [, load] of chosen) {
    const { default: bench } = await load();
    for (const size of sizes.length > 0 ? sizes : bench.sizes) {
      process.stderr.write(`${bench.name} ${size}\n`);
      const result = await runSize(bench, size, environment);
      rows.push(result.measurement);
      if (result.gate !== undefined) failures.push(result.gate);
      if (json) process.stdout.write(`${JSON.stringify(result.measurement)}\n`);
    }
  }
  if (!json) {
    const { aesGiBs, copyGBs, nttUs } = environment.calibration;
    process.stdout.write(`${environment.machine}, commit ${environment.commit}\n`);
    process.stdout.write(`AES ${aesGiBs} GiB/s, copy ${copyGBs} GB/s, NTT 4096 ${nttUs} us\n`);
    process.stdout.write(`${table(rows)}\n`);
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return gate && failures.length > 0 ? 1 : 0;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) {
  process.exitCode = await main(process.argv.slice(2));
}
