/** One case at its sizes in this process: check, then time, then say what was measured. @module */
import { loadavg } from 'node:os';
import type { Measurement, Recorded } from '../src/sandbox/benchmarks/results.ts';
import { calibrate, commit, machine } from './calibration.ts';
import type { BenchCase, Unit } from './case.ts';
import { loadCase } from './cases.ts';
import { measure, median, type Rounds, spread } from './measure.ts';
import { failsGate, ratios } from './noise.ts';
import type { Options } from './options.ts';
import { profile, type Share } from './profile.ts';

const PER_SECOND: Readonly<Record<Unit, number>> = { s: 1, ms: 1e3, us: 1e6 };

type Environment = Pick<Measurement, 'calibration' | 'machine' | 'commit'>;

const environment = (): Environment => ({
  calibration: calibrate(),
  machine: machine(),
  commit: commit(),
});

export type Outcome = {
  readonly measurement: Measurement;
  readonly recorded: Recorded;
  /** Why the gate does not hold. */
  readonly gate: string | undefined;
};

const short = (value: number): number => Number(value.toPrecision(4));

/** Why the gate of `bench` does not hold, or undefined. */
export function gateFailure(
  { name, gate }: BenchCase,
  size: number,
  times: ReadonlyMap<string, Rounds>,
): string | undefined {
  if (gate === undefined) return undefined;
  const [ours, theirs] = [times.get(gate.contender) ?? [], times.get(gate.against) ?? []];
  if (!failsGate(ours, theirs, gate.atLeast)) return undefined;
  const pair = `${gate.contender} over ${gate.against}`;
  return `gate: ${name} ${size}: ${pair} is ${short(median(ratios(ours, theirs)))}, below ${gate.atLeast}`;
}

export async function runCase(
  bench: BenchCase,
  size: number,
  environment: Environment,
): Promise<Outcome> {
  const prepared = await bench.prepare(size);
  try {
    await prepared.check();
    const times = await measure(prepared.contenders);
    const bytes = prepared.bytesPerItem();
    const [[, ours] = ['', []], ...theirs] = [...times];
    const { calibration, machine: where, commit: at } = environment;
    const measured = {
      case: bench.name,
      size,
      unit: bench.unit,
      median: short(median(ours) * PER_SECOND[bench.unit]),
      spread: short(spread(ours)),
      samples: ours.length,
      peers: Object.fromEntries(
        theirs.map(([name, samples]) => [name, short(median(ratios(ours, samples)))]),
      ),
      bytesPerItem: bytes === null ? null : short(bytes),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      calibration,
    };
    const recorded: Recorded = {
      ...measured,
      timed: bench.timed,
      load: short(loadavg()[0] ?? 0),
      times: Object.fromEntries([...times].map(([name, values]) => [name, values.map(short)])),
    };
    return {
      measurement: { ...measured, machine: where, commit: at },
      recorded,
      gate: gateFailure(bench, size, times),
    };
  } finally {
    await prepared.teardown();
  }
}

const sizesOf = (bench: BenchCase, { sizes, full }: Pick<Options, 'sizes' | 'full'>) => {
  const standard = full ? [...bench.sizes, ...bench.fullSizes] : bench.sizes;
  return sizes.length > 0 ? sizes : standard;
};

/** Where the time of a contender goes, at the last of the sizes. */
export async function profileHere(name: string, options: Options): Promise<Share[]> {
  const bench = await loadCase(name);
  const prepared = await bench.prepare(sizesOf(bench, options).at(-1) ?? 1);
  try {
    await prepared.check();
    return await profile(prepared, options.contender);
  } finally {
    await prepared.teardown();
  }
}

/** The sizes of one case, one after the other, in this process. */
export async function runHere(
  name: string,
  options: Pick<Options, 'sizes' | 'full'>,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const bench = await loadCase(name);
  const where = environment();
  for (const size of sizesOf(bench, options)) {
    process.stderr.write(`${name} ${size}\n`);
    onOutcome(await runCase(bench, size, where));
  }
}
