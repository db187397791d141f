/** A run as it is first stored, and the release that a stored one holds. @module */
import { check } from '../base/errors.ts';
import type { StoredRun } from '../engine/stores/sandbox-runs.ts';
import type { StoredQuery } from '../engine/stores/sandbox-studies.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import type { Release } from './release.ts';

export const newRun = (
  { run, plan, key }: CompiledRun,
  query: StoredQuery,
  attempt: number,
  end: Pick<StoredRun, 'state' | 'release'>,
): StoredRun => ({
  id: run,
  query: query.id,
  study: query.study,
  queryKey: plan.queryKey,
  attempt,
  epoch: key.epoch,
  problem: null,
  ...end,
});

/** Above the threshold of its study a run waits for stewards. */
export const firstState = ({ approvals }: CompiledRun): StoredRun['state'] =>
  approvals > 0 ? 'waiting for approval' : 'reserving';

export function storedRelease({ id, release }: StoredRun): Release {
  check(release !== null, 'DATA_DIRECTORY_DAMAGED', `release of ${id}`);
  return JSON.parse(release) as Release;
}
