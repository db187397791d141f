/**
 * The steps of a run after its reservation, as entries to append: idempotent, so that a holder
 * that crashed may repeat each one. Undefined means that it is done already.
 *
 * What is not legal is refused with PROTOCOL_STATE, by the same rules that fold.ts folds by.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { EntryBody } from './entry.ts';
import { NO_COHORT } from './people.ts';
import type { LedgerState, Run } from './state.ts';

function runOf(state: LedgerState, run: Digest): Run {
  const found = state.runs.get(run);
  check(found !== undefined, 'PROTOCOL_STATE', 'unknown run');
  return found;
}

/** A replayed run is refused: it must answer with the stored vector, never with data. */
export function touchEntry(state: LedgerState, run: Digest): EntryBody | undefined {
  const { status, of, study, cohort } = runOf(state, run);
  if (of === undefined && (status === 'touched' || status === 'settled')) return undefined;
  check(status === 'reserved', 'PROTOCOL_STATE', `touch: ${status}`);
  // Its people may be others than those that were charged.
  const loaded = (state.cohorts.get(study) ?? NO_COHORT).version;
  check(loaded === cohort.version, 'COHORT_CHANGED', 'other rows than those of the reservation');
  return { type: 'touch', run };
}

export function vectorEntry(
  state: LedgerState,
  run: Digest,
  digest: Digest,
): EntryBody | undefined {
  const { status, vector, vectorKey } = runOf(state, run);
  if (vector === digest) return undefined;
  check(status === 'touched', 'PROTOCOL_STATE', `vector: ${status}`);
  check(vector === undefined, 'CONFLICT', 'another vector for this run');
  return { type: 'vector', run, vectorKey, digest };
}

export function settleEntry(
  state: LedgerState,
  run: Digest,
  release: Digest,
): EntryBody | undefined {
  const { status, vector, release: settled } = runOf(state, run);
  if (status === 'settled') {
    check(settled === release, 'CONFLICT', 'another release for this run');
    return undefined;
  }
  check(status === 'touched' || status === 'replayed', 'PROTOCOL_STATE', `settle: ${status}`);
  check(vector !== undefined, 'PROTOCOL_STATE', 'settle: no vector');
  return { type: 'settle', run, release };
}

/** Refused once this holder touched data: there is no refund. A settled replay has nothing to give back. */
export function abortEntry(state: LedgerState, run: Digest): EntryBody | undefined {
  const { status, of } = runOf(state, run);
  if (status === 'aborted' || (status === 'settled' && of !== undefined)) return undefined;
  check(status === 'reserved' || status === 'replayed', 'PROTOCOL_STATE', `abort: ${status}`);
  return { type: 'abort', run };
}
