/** A run as it is shown: its state, why it ended, and how far each holder is. @module */
import type { Digest } from '../base/hash.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { RunState } from '../flows/ports.ts';
import type { ProblemDocument } from './problem.ts';
import type { Runs } from './runs.ts';
import type { Studies } from './studies.ts';

export type RunView = {
  run: Digest;
  query: Digest;
  study: Digest;
  state: RunState;
  problem?: ProblemDocument;
  holders: {
    name: string;
    /** The last kind of frame that came from it. */
    step: string | null;
    /** When it last asked for its inbox, to the minute. */
    lastSeen: string | null;
  }[];
};

export const runView =
  (runs: Runs, studies: Studies, frames: SandboxFrames) =>
  async (id: Digest): Promise<RunView> => {
    const { query, study, state, problem } = await runs.get(id);
    const history = await frames.history(id);
    return {
      run: id,
      query,
      study,
      state,
      ...(problem === null ? {} : { problem: JSON.parse(problem) as ProblemDocument }),
      holders: await Promise.all(
        (await studies.get(study)).holders.map(async ({ name }) => ({
          name,
          step: history.findLast(({ from }) => from === name)?.kind ?? null,
          lastSeen: (await frames.inbox(name)).seen,
        })),
      ),
    };
  };
