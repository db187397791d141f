/**
 * Runs an image over many tables, a process for each that runs at the same time (rulings 32, 33).
 *
 * What a table is answered with is a function of that table: the program starts each as if new, and
 * a table during which its process died is run again, alone, in a fresh process before it counts as
 * failed. How many failed is counted nowhere: a failed call gives the declared default, which looks like
 * any other answer. A machine that cannot start the process at all is a fault of the machine, not an
 * answer.
 * @module
 */
import { defaultAnswers, readRecord } from '../../image/abi.ts';
import type { AnswerBounds } from '../../image/abi.ts';
import type { ImageTable } from '../../flows/image-ports.ts';
import { ImageProcess, type Program } from './image-process.ts';

/** Pulled as processes are free, so that few are in memory at once. */
export type Tables = AsyncIterator<ImageTable>;

export type Answer = (index: number, answers: readonly bigint[]) => void;

export type RunOptions = {
  readonly program: Program;
  readonly fields: readonly AnswerBounds[];
  /** Processes at the same time. */
  readonly processes: number;
  /** Ends everything: the deadline of the query. */
  readonly signal: AbortSignal;
};

class Runner {
  readonly #options: RunOptions;
  #process: ImageProcess | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async start(): Promise<ImageProcess> {
    const { signal, program } = this.#options;
    signal.throwIfAborted();
    this.#process ??= await ImageProcess.start(program);
    return this.#process;
  }

  async #once(table: Uint8Array): Promise<Uint8Array | undefined> {
    const process = await this.start();
    try {
      return await process.answer(table);
    } catch {
      this.stop();
      this.#options.signal.throwIfAborted();
      return undefined;
    }
  }

  async answers(table: Uint8Array): Promise<bigint[]> {
    const { fields } = this.#options;
    const record = (await this.#once(table)) ?? (await this.#once(table));
    const read = record === undefined ? undefined : readRecord(record, fields);
    return read ?? defaultAnswers(fields);
  }

  stop(): void {
    this.#process?.kill();
    this.#process = undefined;
  }
}

/** Gives the answers of every table, in whatever order; refuses with PROCESS_FAILED or when aborted. */
export async function runImage(tables: Tables, answer: Answer, options: RunOptions): Promise<void> {
  const runners = Array.from({ length: options.processes }, () => new Runner(options));
  const stop = (): void => {
    for (const runner of runners) runner.stop();
  };
  options.signal.addEventListener('abort', stop);
  try {
    await Promise.all(
      runners.map(async (runner) => {
        await runner.start();
        for (;;) {
          const { done, value } = await tables.next();
          if (done === true) return;
          const found = await runner.answers(value.table);
          value.table.fill(0);
          answer(value.index, found);
        }
      }),
    );
    options.signal.throwIfAborted();
  } finally {
    options.signal.removeEventListener('abort', stop);
    stop();
  }
}
