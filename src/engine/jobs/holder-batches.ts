/**
 * A holder's batches: in this thread where a vector is short, else over worker threads, which start with
 * the first long one.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import { aligned, type Batch, type BatchHandlers, type Batches } from '../../base/batches.ts';
import { batchSize } from './batch-size.ts';
import { perform } from './job-task.ts';
import { checkEntry, WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

/** Polynomials that take one thread a few milliseconds. */
const FEW_ITEMS = 32;

export class HolderBatches implements Batches {
  readonly #handlers: BatchHandlers;
  readonly #options: WorkerPoolOptions;
  #pool: WorkerPool | undefined;

  /** Refuses with FILE_NOT_FOUND where threads would have no worker entry. */
  constructor(handlers: BatchHandlers, options: WorkerPoolOptions) {
    if (options.threads > 1) checkEntry(options);
    this.#handlers = handlers;
    this.#options = options;
  }

  async run(batch: Batch): Promise<Uint8Array> {
    const sizeOf = batchSize(this.#handlers);
    if (this.#options.threads > 1 && sizeOf(batch).items > FEW_ITEMS) {
      this.#pool ??= new WorkerPool(this.#options, sizeOf);
      return this.#pool.run(batch);
    }
    const inputs = batch.inputs.map(aligned);
    const outcome = await perform(this.#handlers, { ...batch, inputs });
    if ('bytes' in outcome) return outcome.bytes;
    throw new Refusal(outcome.refused.code, outcome.refused.detail);
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
