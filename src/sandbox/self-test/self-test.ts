/** Runs the self-test on demand: one at a time, not more often than once in a minute. @module */
import { Worker } from 'node:worker_threads';
import { check, Refusal } from '../../base/errors.ts';
import type { Clock } from '../../flows/ports.ts';
import type { Results } from '../benchmarks/results.ts';
import { type SelfTestReport, selfTestReport, type SelfTestTimes } from './report.ts';

export const SELF_TEST_EVERY_MS = 60_000;
const LONGEST_MS = 30_000;

/** One run of the worker's file, which must answer in time. */
const inWorker = (file: URL) => (): Promise<SelfTestTimes> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { env: {}, execArgv: [] });
    const fail = (cause: unknown): void => {
      void worker.terminate();
      reject(new Refusal('INTERNAL', 'self-test', undefined, { cause }));
    };
    const late = setTimeout(() => fail('timeout'), LONGEST_MS);
    worker.once('message', (times: SelfTestTimes) => resolve(times));
    worker.once('error', fail);
    worker.once('exit', () => {
      clearTimeout(late);
      fail('ended without an answer');
    });
  });

export class SelfTest {
  readonly #run: () => Promise<SelfTestTimes>;
  readonly #published: Results | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  #last: SelfTestReport | undefined;
  #startedAt = -Infinity;

  constructor(
    worker: URL | (() => Promise<SelfTestTimes>),
    published: Results | undefined,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#run = worker instanceof URL ? inWorker(worker) : worker;
    this.#published = published;
    this.#clock = clock;
  }

  /** The last report, where there is one. */
  get latest(): SelfTestReport | undefined {
    return this.#last;
  }

  /** The last report; refuses with NOT_FOUND before the first. */
  last(): SelfTestReport {
    check(this.#last !== undefined, 'NOT_FOUND', 'no self-test has run');
    return this.#last;
  }

  /** Refuses with TOO_MANY_REQUESTS within a minute of the start of another. */
  async run(): Promise<SelfTestReport> {
    const now = this.#clock.now().getTime();
    // A clock that was set back does not lock the test for longer than a minute of its own.
    const since = now - this.#startedAt;
    check(since < 0 || since >= SELF_TEST_EVERY_MS, 'TOO_MANY_REQUESTS', 'self-test');
    this.#startedAt = now;
    this.#last = selfTestReport(await this.#run(), this.#published, this.#clock.now());
    return this.#last;
  }
}
