/** What counts as a difference: the gate's sign test, the comparison of runs, and that both can fail. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test, vi } from 'vitest';
import { defineCase } from '../../bench/case.ts';
import { compare } from '../../bench/compare.ts';
import ntt from '../../bench/cases/kernel-ntt.ts';
import {
  compareSamples,
  drift,
  failsGate,
  GATE_ALPHA,
  roundsThatFail,
  signTail,
} from '../../bench/noise.ts';
import { runCase } from '../../bench/run-case.ts';
import type { Recorded } from '../../src/sandbox/benchmarks/results.ts';
import { Ntt } from '../../src/kernels/ntt.ts';
import { Seeded } from '../support/seeded.ts';

const ENVIRONMENT = {
  calibration: { aesGiBs: 1, copyGBs: 1, nttUs: 1 },
  machine: 'a machine',
  commit: 'unknown',
};

describe('the sign test', () => {
  test('tails of Binomial(n, 1/2)', () => {
    equal(signTail(9, 0), 1);
    equal(signTail(9, 9), 1 / 512);
    equal(signTail(9, 8), 10 / 512);
    deepStrictEqual([5, 7, 9, 20].map(roundsThatFail), [5, 7, 9, 16]);
  });

  test('a true ratio at the promise fails in at most the stated share of runs', () => {
    const rng = new Seeded('sign test', 4000 * 18);
    const uniform = (): number => rng.below(1 << 20) / (1 << 20);
    let failed = 0;
    for (let run = 0; run < 4000; run += 1) {
      const ours = Array.from({ length: 9 }, () => 1 + uniform());
      if (
        failsGate(
          ours,
          Array.from(ours, (x) => 2 * x * (0.5 + uniform())),
          2,
        )
      )
        failed += 1;
    }
    // 4,000 runs: 1.5 times alpha is more than four standard deviations above it.
    ok(failed / 4000 < 1.5 * GATE_ALPHA);
  });

  test('one slow round of ours is no failure; every round below is', () => {
    const theirs = new Array<number>(9).fill(3);
    equal(failsGate([1, 1, 9, 1, 1, 1, 1, 1, 1], theirs, 2), false);
    equal(failsGate(new Array<number>(9).fill(1.6), theirs, 2), true);
    equal(failsGate([1], [], 2), true);
  });
});

describe('comparing two runs', () => {
  const around = (middle: number): number[] => [0.99, 1, 1.01, 1, 0.995].map((x) => x * middle);

  test('a tenth is seen on a machine that stayed the same, and not where it changed by a fifth', () => {
    equal(compareSamples(around(1), around(1.1), 0).differs, true);
    equal(compareSamples(around(1), around(1.02), 0).differs, false);
    const before = { aesGiBs: 2, copyGBs: 9, nttUs: 17.6 };
    const machine = drift(before, { ...before, nttUs: 17.6 * 1.2 });
    equal(compareSamples(around(1), around(1.1), machine).differs, false);
    equal(compareSamples(around(1), around(1.4), machine).differs, true);
  });
});

describe('bench:compare', () => {
  const entry = (ours: number[], peer: number[]): Recorded => ({
    ...{ case: 'test/case', size: 4, unit: 's', median: 1, spread: 0, samples: ours.length },
    ...{ peers: { peer: 1 }, bytesPerItem: null, peakRssMb: 1, timed: 'nothing', load: 0 },
    calibration: ENVIRONMENT.calibration,
    times: { ours, peer },
  });
  const rows = (ours: number, peer: number) =>
    compare(
      [entry([1, 1, 1, 1, 1], [2, 2, 2, 2, 2])],
      [entry(new Array<number>(5).fill(ours), new Array<number>(5).fill(peer))],
    );
  test('says what is slower, also against a peer of the same run', () => {
    const [time, ratio] = rows(1.5, 2);
    ok(time?.verdict.differs === true && time.verdict.factor === 1.5);
    ok(ratio?.what === 'test/case 4 against peer' && ratio.verdict.differs);
    equal(ratio.verdict.factor, 1.5);
  });
  test('a machine that was slower for both leaves the ratio alone', () => {
    equal(rows(1.5, 3)[1]?.verdict.differs, false);
  });
});

describe('a case', () => {
  test('whose kernel was slowed fails its gate, and passes untouched', async () => {
    // A tenth of a millisecond on top of a few microseconds, put there by this test only.
    const forward = Object.getOwnPropertyDescriptor(Ntt.prototype, 'forward')
      ?.value as Ntt['forward'];
    const slowed = vi.spyOn(Ntt.prototype, 'forward').mockImplementation(function (
      this: Ntt,
      input,
    ) {
      const until = process.hrtime.bigint() + 100_000n;
      while (process.hrtime.bigint() < until);
      return forward.call(this, input);
    });
    const slow = await runCase(ntt, 1024, ENVIRONMENT);
    ok(slow.gate?.startsWith('gate: kernel/ntt 1024: wasm over javascript is'));
    slowed.mockRestore();
    equal((await runCase(ntt, 1024, ENVIRONMENT)).gate, undefined);
  });

  test('with a wrong result fails and is never timed', async () => {
    let calls = 0;
    const wrong = defineCase({
      name: 'test/wrong',
      timed: 'nothing',
      sizes: [1],
      unit: 's',
      setup: (n) => n,
      check: () => equal(1, 2),
      contenders: { ours: () => (calls += 1) },
    });
    await rejects(runCase(wrong, 1, ENVIRONMENT));
    equal(calls, 0);
  });
});
