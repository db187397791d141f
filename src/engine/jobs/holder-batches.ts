/**
 * A holder's batches: in this thread where a vector is short, else over worker threads, which start with
 * the first long one. A batch whose result is to be in shared memory is one of several that are under way side by side
 * (psi/threads.ts), each one thread's.
 * @module
 */
import {
  type Batch,
  type BatchHandlers,
  ownThread,
  type ThreadedBatches,
} from '../../base/batches.ts';
import { batchSize } from './batch-size.ts';
import { checkEntry, WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

/** Polynomials that take one thread a few milliseconds. */
const FEW_ITEMS = 32;

const isOneOfSeveral = ({ memory, out }: Batch): boolean =>
  memory !== undefined || out?.buffer instanceof SharedArrayBuffer;

export class HolderBatches implements ThreadedBatches {
  readonly #handlers: BatchHandlers;
  readonly #ownThread: ThreadedBatches;
  readonly #options: WorkerPoolOptions;
  #pool: WorkerPool | undefined;

  /** Refuses with FILE_NOT_FOUND where threads would have no worker entry. */
  constructor(handlers: BatchHandlers, options: WorkerPoolOptions) {
    if (options.threads > 1) checkEntry(options);
    this.#handlers = handlers;
    this.#ownThread = ownThread(handlers);
    this.#options = options;
  }

  get threads(): number {
    return this.#options.threads;
  }

  async run(batch: Batch): Promise<Uint8Array> {
    const sizeOf = batchSize(this.#handlers);
    if (this.threads > 1 && (isOneOfSeveral(batch) || sizeOf(batch).items > FEW_ITEMS)) {
      this.#pool ??= new WorkerPool(this.#options, sizeOf);
      return this.#pool.run(batch);
    }
    return this.#ownThread.run(batch);
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
