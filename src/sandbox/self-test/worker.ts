/**
 * The thread that times the cases: dist/self-test-worker.js. It has no store and no keys, answers with one
 * message and ends; that it runs beside the query path and not in it is the point.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { Refusal } from '../../base/errors.ts';
import { systemRng } from '../../base/rng.ts';
import { machineCase, selfTestCases } from './cases.ts';
import type { SelfTestTimes } from './report.ts';

const ROUNDS = 7;
const ROUND_NS = 8_000_000n;

/** Seconds of one call: the median of rounds of a few milliseconds. */
function seconds(run: () => unknown): number {
  run();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    let [calls, elapsed] = [0, 0n];
    while (elapsed < ROUND_NS) {
      run();
      calls += 1;
      elapsed = process.hrtime.bigint() - start;
    }
    return Number(elapsed) / 1e9 / calls;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
}

function measure(): SelfTestTimes {
  const machine = machineCase();
  const cases = selfTestCases(systemRng).map(({ name, size, check, run }) => {
    if (!check()) throw new Refusal('INTERNAL', `self-test ${name} is wrong`);
    return { case: name, size, us: seconds(run) * 1e6 };
  });
  return { aesGiBs: machine.bytes / 2 ** 30 / seconds(machine.run), cases };
}

parentPort?.postMessage(measure());
