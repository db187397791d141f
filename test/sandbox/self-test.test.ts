/** The self-test of a running service: real times, the range it expects, its limits, and that it can fail. */
import { deepStrictEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import type { Recorded, Results } from '../../src/sandbox/benchmarks/results.ts';
import { selfTestCases } from '../../src/sandbox/self-test/cases.ts';
import { selfTestReport } from '../../src/sandbox/self-test/report.ts';
import { SELF_TEST_EVERY_MS, SelfTest } from '../../src/sandbox/self-test/self-test.ts';
import { Ntt } from '../../src/kernels/ntt.ts';
import { refusal } from '../support/refusal.ts';

const WORKER = new URL('../../dist/self-test-worker.js', import.meta.url);

const published = (us: number, aesGiBs: number): Results => ({
  format: 'kakehashi/bench-results/1',
  ...{ commit: 'unknown', date: '2026-01-02T03:04:05Z', machine: 'a machine' },
  measurements: [
    {
      ...{ case: 'kernel/ntt', size: 4096, unit: 'us', median: us, spread: 0, samples: 1 },
      ...{ peers: {}, bytesPerItem: null, peakRssMb: 1, timed: 'nothing', load: 0 },
      calibration: { aesGiBs, copyGBs: 1, nttUs: us },
      times: { wasm: [us / 1e6] },
    } satisfies Recorded,
  ],
});
const times = (us: number, aesGiBs = 2) => ({
  aesGiBs,
  cases: [{ case: 'kernel/ntt', size: 4096, us }],
});
class Hands {
  at = 0;
  now = (): Date => new Date(this.at);
}

test('in its own thread: every case has a time, and the service can show it again', async () => {
  const selfTest = new SelfTest(WORKER, published(20, 2), new Hands());
  throws(() => selfTest.last(), refusal('NOT_FOUND'));
  const report = await selfTest.run();
  deepStrictEqual(
    report.cases.map((entry) => entry.case),
    selfTestCases(systemRng).map(({ name }) => name),
  );
  ok(report.machine.aesGiBs > 0 && report.cases.every(({ us }) => us > 0));
  equal(report.machine.publishedAesGiBs, 2);
  ok(report.cases[0]?.expected !== null);
  equal(report.cases[1]?.verdict, 'unknown');
  deepStrictEqual(selfTest.last(), report);
});

describe('the expected range', () => {
  const verdict = (us: number, aesGiBs: number): string | undefined =>
    selfTestReport(times(us, aesGiBs), published(20, 2), new Date(0)).cases[0]?.verdict;
  test('scales with what the machine does today', () => {
    equal(verdict(25, 2), 'within');
    equal(verdict(50, 2), 'slow');
    equal(verdict(50, 1), 'within');
    equal(verdict(5, 2), 'fast');
  });
  test('is unknown without published results', () => {
    const report = selfTestReport(times(20), undefined, new Date(0));
    equal(report.cases[0]?.verdict, 'unknown');
    equal(report.machine.publishedAesGiBs, null);
  });
});

test('once in a minute: another request is refused and measures nothing', async () => {
  const hands = new Hands();
  let runs = 0;
  const selfTest = new SelfTest(() => Promise.resolve(times((runs += 1))), undefined, hands);
  await selfTest.run();
  await rejects(selfTest.run(), refusal('TOO_MANY_REQUESTS'));
  hands.at += SELF_TEST_EVERY_MS - 1;
  await rejects(selfTest.run(), refusal('TOO_MANY_REQUESTS'));
  equal(runs, 1);
  hands.at += 1;
  await selfTest.run();
  // Set back by a day.
  hands.at -= 86_400_000;
  await selfTest.run();
  equal(runs, 3);
});

test('a case with a wrong result is noticed', () => {
  const [ntt] = selfTestCases(systemRng);
  equal(ntt?.check(), true);
  const forward = Object.getOwnPropertyDescriptor(Ntt.prototype, 'forward');
  Object.defineProperty(Ntt.prototype, 'forward', {
    configurable: true,
    value: (input: Uint32Array) => input.slice(),
  });
  const broken = selfTestCases(systemRng)[0]?.check();
  Object.defineProperty(Ntt.prototype, 'forward', forward ?? {});
  equal(broken, false);
});

test('a worker that fails is INTERNAL, and the next one may run', async () => {
  const selfTest = new SelfTest(new URL('file:///nowhere.js'), undefined, new Hands());
  await rejects(selfTest.run(), refusal('INTERNAL'));
});
