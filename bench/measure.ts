/**
 * Times the contenders of one prepared case.
 *
 * Short synchronous operations go through benchmark.js, which repeats each within a sample until
 * the clock can tell; long or asynchronous ones through paired rounds: every round runs each
 * contender once, in alternating order, so that a slow minute of the machine hits all of them.
 * @module
 */
import Benchmark from 'benchmark';

/** Sorted seconds of one operation each. At least `MIN_SAMPLES` of them. */
export type Samples = readonly number[];

export const MIN_SAMPLES = 5;
/** Above this a single call is timed well enough by the clock itself. */
const LONG_SECONDS = 0.02;
const SECONDS_PER_CONTENDER = 0.3;

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The value below which the share `p` of `samples` lies, interpolated. */
export function quantile(samples: Samples, p: number): number {
  const at = (samples.length - 1) * p;
  const [low, high] = [samples[Math.floor(at)] ?? NaN, samples[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (samples: Samples): number => quantile(sorted(samples), 0.5);

/** Interquartile range over median: 0.02 is a quiet machine, 0.2 is not. */
export const spread = (samples: Samples): number =>
  (quantile(samples, 0.75) - quantile(samples, 0.25)) / quantile(samples, 0.5);

async function once(run: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Is this contender quick enough, and synchronous, for benchmark.js? Its first call warms it up. */
async function isShort(run: () => unknown): Promise<boolean> {
  const first = run();
  if (first instanceof Promise) {
    await first;
    return false;
  }
  return (await once(run)) < LONG_SECONDS;
}

function sampleShort(run: () => unknown): Samples {
  // Bound, because benchmark.js rewrites the source text of plain functions, without their scope.
  const bench = new Benchmark('', run.bind(undefined), {
    minSamples: MIN_SAMPLES,
    maxTime: SECONDS_PER_CONTENDER,
  });
  bench.run({ async: false });
  const failure: unknown = bench.error;
  if (failure !== undefined) throw new Error('benchmark failed', { cause: failure });
  return sorted(bench.stats.sample);
}

async function samplePaired(
  contenders: readonly (readonly [string, () => unknown])[],
  rounds: number,
): Promise<Map<string, Samples>> {
  const times = new Map(contenders.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const [name, run] of order) times.get(name)?.push(await once(run));
  }
  return new Map([...times].map(([name, values]) => [name, sorted(values)]));
}

/** Samples of every contender, in seconds. */
export async function measure(
  contenders: ReadonlyMap<string, () => unknown>,
  rounds = MIN_SAMPLES,
): Promise<Map<string, Samples>> {
  const short: boolean[] = [];
  for (const run of contenders.values()) short.push(await isShort(run));
  // One method for all of them, or their ratio would compare methods.
  if (!short.every(Boolean)) return samplePaired([...contenders], Math.max(rounds, MIN_SAMPLES));
  return new Map([...contenders].map(([name, run]) => [name, sampleShort(run)]));
}
