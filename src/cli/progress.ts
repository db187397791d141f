/** What the command is doing, on stderr: a bar on a terminal, a line for each step elsewhere. @module */
import cliProgress from 'cli-progress';
import type { Io } from './io.ts';

export type Progress = {
  /** Begins the step that is named. */
  step(name: string): void;
  /** The last step is done; nothing is drawn any more. */
  end(): void;
};

const SILENT: Progress = { step: () => {}, end: () => {} };

/** `total` steps. A script that reads JSON gets no bar and no lines. */
export function createProgress(io: Io, total: number, json: boolean): Progress {
  if (json) return SILENT;
  if (!io.lively) return { ...SILENT, step: (name) => io.err(`${name}\n`) };
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {step}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let done = 0;
  bar.start(total, 0, { step: '' });
  return {
    step: (name) => {
      bar.update(Math.min(done, total), { step: name });
      done += 1;
    },
    end: () => {
      bar.update(total, { step: 'done' });
      bar.stop();
    },
  };
}
