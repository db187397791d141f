/** The benchmark runner: statistics, the gate, what it refuses, and the line of JSON it promises. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { afterEach, describe, test, vi } from 'vitest';
import { defineCase } from '../../bench/case.ts';
import {
  measure,
  median,
  MIN_SAMPLES,
  quantile,
  SHORT_ROUNDS,
  spread,
} from '../../bench/measure.ts';
import { gateFailure } from '../../bench/run-case.ts';
import { main } from '../../bench/run.ts';
import type { Measurement } from '../../src/sandbox/benchmarks/results.ts';

describe('statistics', () => {
  test('quantiles interpolate between sorted samples', () => {
    equal(quantile([1, 2, 3, 4], 0.5), 2.5);
    equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
    equal(quantile([7], 0.9), 7);
    equal(median([9, 1, 5]), 5);
    equal(spread([1, 2, 3, 4, 5]), 2 / 3);
    ok(Number.isNaN(quantile([], 0.5)));
  });
});

describe('measure', () => {
  const busy = (turns: number) => (): number => {
    let sum = 0;
    for (let i = 0; i < turns * 20_000; i += 1) sum = (sum * 31 + i) | 0;
    return sum;
  };
  const wait = (ms: number) => (): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

  test('short operations: a value for each round, and twenty times the work takes longer', async () => {
    const times = await measure(
      new Map([
        ['one', busy(1)],
        ['twenty', busy(20)],
      ]),
    );
    const [one = [], twenty = []] = [...times.values()];
    ok(one.length >= MIN_SAMPLES && twenty.length >= MIN_SAMPLES);
    ok(median(twenty) > 4 * median(one));
  });

  test('asynchronous operations are awaited, in paired rounds', async () => {
    const order: string[] = [];
    const contender = (name: string, ms: number) => async (): Promise<void> => {
      order.push(name);
      await wait(ms)();
      order.push(name);
    };
    const times = await measure(
      new Map([
        ['a', contender('a', 1)],
        ['b', contender('b', 15)],
      ]),
    );
    equal(times.get('a')?.length, SHORT_ROUNDS);
    ok(median(times.get('b') ?? []) > 0.012);
    // One call each to warm up, then alternating; every call ends before the next begins.
    equal(order.join('').slice(0, 12), 'aabb' + 'aabb' + 'bbaa');
  });

  test('a contender that fails fails the measurement', async () => {
    let calls = 0;
    const late = (): void => {
      calls += 1;
      if (calls > 3) throw new Error('late');
    };
    await rejects(measure(new Map([['late', late]])), /late|benchmark failed/);
  });
});

describe('the gate', () => {
  const bench = defineCase({
    name: 'test/gate',
    timed: 'nothing',
    sizes: [1],
    unit: 's',
    setup: (n) => n,
    check: () => {},
    contenders: { ours: () => 0, theirs: () => 0 },
    gate: { contender: 'ours', against: 'theirs', atLeast: 2 },
  });
  const times = (ours: number, theirs: number): Map<string, number[]> =>
    new Map([
      ['ours', [ours]],
      ['theirs', [theirs]],
    ]);

  test('holds at the ratio and fails below it', () => {
    equal(gateFailure(bench, 1, times(1, 2)), undefined);
    ok(gateFailure(bench, 1, times(1, 1.9))?.includes('1.9, below 2'));
  });
  test('fails where a contender is missing', () => {
    ok(gateFailure(bench, 1, new Map([['ours', [1]]])) !== undefined);
  });
});

describe('main', () => {
  afterEach(() => vi.restoreAllMocks());
  /** Runs with both outputs caught. */
  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const text = { out: '', err: '' };
    const into = (key: 'out' | 'err') => (chunk: string | Uint8Array) => {
      text[key] += String(chunk);
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
    const code = await main(argv);
    vi.restoreAllMocks();
    return { code, ...text };
  }

  for (const argv of [
    ['nope'],
    ['kernel', 'two'],
    ['--sizes', 'x'],
    ['--sizes', '0'],
    ['--what'],
    ['--profile'],
    ['kernel', '--profile'],
    ['nope', '--profile'],
  ]) {
    test(`usage, exit 2: ${argv.join(' ')}`, async () => {
      const { code, out, err } = await run(...argv);
      equal(code, 2);
      equal(out, '');
      ok(err.includes('cases: kernel/ntt'));
    });
  }

  test('--json prints one object a line with the promised fields', async () => {
    const { code, out } = await run('kernel/ntt', '--sizes', '64,128', '--json');
    equal(code, 0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Measurement);
    deepStrictEqual(
      lines.map(({ size }) => size),
      [64, 128],
    );
    for (const line of lines) {
      deepStrictEqual(Object.keys(line), [
        ...['case', 'size', 'unit', 'median', 'spread', 'samples', 'peers', 'bytesPerItem'],
        ...['peakRssMb', 'calibration', 'machine', 'commit'],
      ]);
      equal(line.case, 'kernel/ntt');
      ok(line.median > 0 && line.samples >= MIN_SAMPLES && line.peakRssMb > 10);
      deepStrictEqual(Object.keys(line.calibration), ['aesGiBs', 'copyGBs', 'nttUs']);
      ok(Object.values(line.calibration).every((value) => value > 0));
    }
  });
});
