/**
 * Worker threads (piscina) for jobs and batches.
 *
 * A worker gets the bytes, never a digest or a path: it needs no store and no keys, and its
 * environment is empty. Workers start with the first task and end after `IDLE_MILLISECONDS` without
 * one. A worker that dies fails the tasks it had.
 *
 *     task     inputs are moved to the worker's thread and the result is moved back; a copy is made only
 *              where bytes share a buffer with others
 *     batch    inputs are written to shared memory once, unless they lie there; each thread fills its
 *              items of a result in shared memory; secret inputs are overwritten there in the end. A batch of
 *              few items is one thread's
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { PUBLIC_MESSAGE, Refusal, check, type ErrorCode } from '../../base/errors.ts';
import type { Batch, BatchSize, ThreadedBatches } from '../../base/batches.ts';
import { type JobOutcome, type JobPart, type JobTask, ownBuffer } from './job-task.ts';

export type WorkerPoolOptions = {
  /** The built worker entry, which exports `runJob` (job-worker.ts). */
  readonly workerUrl: URL;
  readonly threads: number;
  /** Heap of one worker in MiB; typed arrays are outside it. */
  readonly heapMiB?: number;
};

const IDLE_MILLISECONDS = 30_000;

/** Fewer items than this a thread are not worth its messages. */
const ITEMS_A_THREAD = 8;

const isCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(PUBLIC_MESSAGE, value);

/** Reads what a worker answered. */
function jobOutcome(answer: unknown): JobOutcome {
  if (answer instanceof Uint8Array) return { bytes: answer };
  check(
    typeof answer === 'object' && answer !== null && 'refused' in answer,
    'INTERNAL',
    'worker answered with something else',
  );
  const { refused } = answer;
  check(
    typeof refused === 'object' && refused !== null && 'code' in refused && 'detail' in refused,
    'INTERNAL',
    'worker refused with something else',
  );
  const code = isCode(refused.code) ? refused.code : 'INTERNAL';
  return { refused: { code, detail: String(refused.detail) } };
}

/** Refuses with FILE_NOT_FOUND where threads would have no entry, before there is work for them. */
export function checkEntry({ workerUrl }: Pick<WorkerPoolOptions, 'workerUrl'>): void {
  const there = existsSync(fileURLToPath(workerUrl));
  check(there, 'FILE_NOT_FOUND', `entry of worker threads: ${workerUrl.pathname}`);
}

/** A copy in shared memory of its own. */
function sharedCopy(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

const isShared = (bytes: Uint8Array): bytes is Uint8Array<SharedArrayBuffer> =>
  bytes.buffer instanceof SharedArrayBuffer;

export class WorkerPool implements ThreadedBatches {
  readonly threads: number;
  readonly #pool: Piscina<JobTask, unknown>;
  readonly #sizeOf: (batch: Batch) => BatchSize;

  /** `sizeOf` a batch, or its refusal. */
  constructor(
    { workerUrl, threads, heapMiB }: WorkerPoolOptions,
    sizeOf: (batch: Batch) => BatchSize,
  ) {
    this.threads = threads;
    this.#sizeOf = sizeOf;
    this.#pool = new Piscina<JobTask, unknown>({
      filename: workerUrl.href,
      name: 'runJob',
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MILLISECONDS,
      // What is configured for the service is none of a worker's business.
      env: {},
      execArgv: [],
      ...(heapMiB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiB } }),
    });
  }

  /** One task in one worker. */
  perform(task: JobTask): Promise<JobOutcome> {
    const inputs = task.inputs.map(ownBuffer);
    // Two inputs with one digest were read twice, so no buffer is in the list twice.
    return this.#run(
      { ...task, inputs },
      inputs.map(({ buffer }) => buffer),
    );
  }

  /** A batch over all threads. */
  async run(batch: Batch): Promise<Uint8Array> {
    const { items, itemBytes } = this.#sizeOf(batch);
    const { kind, params, memory } = batch;
    const inputs = batch.inputs.map((bytes) => (isShared(bytes) ? bytes : sharedCopy(bytes)));
    const out = batch.out ?? new Uint8Array(new SharedArrayBuffer(items * itemBytes));
    check(isShared(out), 'INTERNAL', `room of ${kind} is not shared`);
    const parts = Math.max(1, Math.min(this.threads, Math.floor(items / ITEMS_A_THREAD)));
    const bound = (part: number): number => Math.floor((part * items) / parts);
    const shared = memory === undefined ? {} : { memory };
    const partOf = (i: number): JobPart => ({
      ...{ out, from: bound(i), to: bound(i + 1) },
      ...shared,
    });
    try {
      const outcomes = await Promise.all(
        Array.from({ length: parts }, (_, i) =>
          this.#run({ kind, params, inputs, part: partOf(i) }, []),
        ),
      );
      for (const outcome of outcomes) {
        if ('refused' in outcome) throw new Refusal(outcome.refused.code, outcome.refused.detail);
      }
      return out;
    } finally {
      if (batch.secret) for (const bytes of inputs) bytes.fill(0);
    }
  }

  /** Waits for running tasks, then ends the workers. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #run(task: JobTask, transferList: readonly ArrayBuffer[]): Promise<JobOutcome> {
    try {
      return jobOutcome(await this.#pool.run(task, { transferList: [...transferList] }));
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      throw new Refusal('INTERNAL', `worker failed at ${task.kind}`, undefined, { cause });
    }
  }
}
