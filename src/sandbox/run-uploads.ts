/** Uploads that are in this process (uploads.ts), by what a request names: opened for the run as its study and query say. @module */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { isFinal, type SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { Queries } from './queries.ts';
import type { Studies } from './studies.ts';
import type { UploadsOfRuns } from './uploads-door.ts';
import type { Uploads } from './uploads.ts';

export type RunUploadsOptions = {
  readonly uploads: Uploads;
  readonly runs: Pick<SandboxRuns, 'get'>;
  readonly studies: Studies;
  readonly queries: Queries;
};

export function runUploads({ uploads, runs, studies, queries }: RunUploadsOptions): UploadsOfRuns {
  return {
    async open(id: Digest, holder: string, block: number) {
      const run = await runs.get(id);
      check(run !== undefined, 'NOT_FOUND', `run ${id}`);
      check(!isFinal(run.state), 'PROTOCOL_STATE', 'the run has ended');
      const study = await studies.get(run.study);
      await studies.checkOpen(study);
      const compiled = await queries.compile(await queries.get(run.query), run);
      return uploads.open(study, compiled, holder, block);
    },
    store: (...all) => uploads.store(...all),
    execute: (...all) => uploads.execute(...all),
    answers: async (...all) => uploads.answers(...all),
  };
}
