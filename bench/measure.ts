/**
 * Times the contenders of one prepared case in rounds: every round times each contender once, in
 * alternating order, so that a slow minute of the machine hits all of them, and the ratio of a round is a
 * paired observation (noise.ts).
 *
 * Within a round a short synchronous operation goes through benchmark.js, which repeats it until the
 * clock can tell; a long or asynchronous one is called once.
 * @module
 */
import Benchmark from 'benchmark';

/** Seconds of one operation, a value for each round, in the order of the rounds. */
export type Rounds = readonly number[];

/** Rounds where one call is long. */
export const MIN_SAMPLES = 5;
/** Rounds where one call is short: enough for the gate's test (noise.ts). */
export const SHORT_ROUNDS = 9;
/** Above this a single call is timed well enough by the clock itself. */
const LONG_SECONDS = 0.02;
/** Above this a round of every contender is a matter of minutes. */
const SLOW_SECONDS = 2;
const SECONDS_PER_ROUND = 0.04;

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** The value below which the share `p` of the sorted `samples` lies, interpolated. */
export function quantile(samples: readonly number[], p: number): number {
  const at = (samples.length - 1) * p;
  const [low, high] = [samples[Math.floor(at)] ?? NaN, samples[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]): number => quantile(sorted(samples), 0.5);

/** Interquartile range over median: 0.02 is a quiet machine, 0.2 is not. */
export function spread(samples: readonly number[]): number {
  const order = sorted(samples);
  return (quantile(order, 0.75) - quantile(order, 0.25)) / quantile(order, 0.5);
}

async function once(run: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** How long a call takes, and whether it is over when it returns. The first call warms it up. */
async function first(run: () => unknown): Promise<{ seconds: number; synchronous: boolean }> {
  const start = process.hrtime.bigint();
  const result = run();
  if (!(result instanceof Promise)) return { seconds: await once(run), synchronous: true };
  await result;
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, synchronous: false };
}

/** Seconds of one operation: the median of benchmark.js's samples of this round. */
function short(run: () => unknown): number {
  // Bound, because benchmark.js rewrites the source text of plain functions, without their scope.
  const bench = new Benchmark('', run.bind(undefined), {
    minSamples: 3,
    maxTime: SECONDS_PER_ROUND,
    minTime: SECONDS_PER_ROUND / 4,
  });
  bench.run({ async: false });
  const failure: unknown = bench.error;
  if (failure !== undefined) throw new Error('benchmark failed', { cause: failure });
  return median(bench.stats.sample);
}

async function inRounds(
  contenders: readonly (readonly [string, () => unknown])[],
  rounds: number,
  time: (run: () => unknown) => number | Promise<number>,
): Promise<Map<string, Rounds>> {
  const times = new Map(contenders.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const [name, run] of order) times.get(name)?.push(await time(run));
  }
  return times;
}

/** Seconds of every contender, round by round. */
export async function measure(
  contenders: ReadonlyMap<string, () => unknown>,
): Promise<Map<string, Rounds>> {
  const list = [...contenders];
  const firsts = [];
  for (const [, run] of list) firsts.push(await first(run));
  // One method for all of them, or their ratio would compare methods.
  if (firsts.every(({ seconds, synchronous }) => synchronous && seconds < LONG_SECONDS)) {
    return inRounds(list, SHORT_ROUNDS, short);
  }
  const slow = firsts.some(({ seconds }) => seconds > SLOW_SECONDS);
  return inRounds(list, slow ? MIN_SAMPLES : SHORT_ROUNDS, once);
}
