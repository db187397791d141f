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
export type Tables = AsyncIterator<ImageTable, undefined>;

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
  // Where one of them cannot go on, none does.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const runners = Array.from(
    { length: options.processes },
    () => new Runner({ ...options, signal }),
  );
  const stop = (): void => {
    for (const runner of runners) runner.stop();
  };
  signal.addEventListener('abort', stop);
  const work = async (runner: Runner): Promise<void> => {
    await runner.start();
    for (;;) {
      const next = await tables.next();
      if (next.done === true) return;
      const { index, table } = next.value;
      const found = await runner.answers(table);
      table.fill(0);
      answer(index, found);
    }
  };
  try {
    await Promise.all(
      runners.map((runner) =>
        work(runner).catch((error: unknown) => {
          failed.abort();
          throw error;
        }),
      ),
    );
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
