/**
 * From entries to the state that they add up to.
 *
 *     reserve ──▶ reserved ──touch──▶ touched ──vector──▶ touched + vector ──settle──▶ settled
 *                    └──abort──▶ aborted                    replay ──▶ replayed ──settle──▶ settled
 *                                                                        └──abort──▶ aborted
 *     reserved, touched ──restore──▶ lost       replayed ──restore──▶ aborted
 *
 * A charge counts from `reserve` and is given back by `abort` only, which is legal only while its
 * own holder has not touched data (rulings 18). Time plays no part. Every transition not drawn
 * above is refused with PROTOCOL_STATE, and so is a reservation beyond what its study has left:
 * an over-spent state cannot be built, not even from a stored ledger.
 *
 * A charge counts in the account of its study, in every epoch of the people counted (people.ts)
 * and for the analyst who asked. A run that reserved for one version of a cohort cannot touch another.
 * @module
 */
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { minus, ZERO } from './amount.ts';
import {
  amend,
  countForAnalyst,
  type Draft,
  legal,
  load,
  move,
  raise,
  start,
  unload,
} from './booking.ts';
import { standsBehind, verifyChain } from './chain.ts';
import { emptyHead, type Entry, type EntryBody, headOf, parseAmount } from './entry.ts';
import { moveInEpochs, NO_COHORT } from './people.ts';
import { endLost, recover } from './lost.ts';
import { emptyState, type LedgerState, type Run } from './state.ts';

const versionOf = ({ cohorts }: Draft, study: Digest): Digest =>
  (cohorts.get(study) ?? NO_COHORT).version;

type BodyOf<T extends EntryBody['type']> = Extract<EntryBody, { readonly type: T }>;

function grant(draft: Draft, body: BodyOf<'grant'>): void {
  legal(!draft.studies.has(body.study), body, 'study has a grant');
  const granted = parseAmount(body);
  draft.studies.set(body.study, {
    agreement: body.study,
    signed: granted,
    granted,
    reserved: ZERO,
    spent: ZERO,
    left: granted,
  });
}

/** A run that began goes on, or ends. */
function goOn(draft: Draft, body: BodyOf<'touch' | 'vector' | 'settle' | 'abort'>): void {
  const run = draft.runs.get(body.run);
  legal(run !== undefined, body, 'unknown run');
  const become = (change: Partial<Run>) => draft.runs.set(body.run, { ...run, ...change });
  switch (body.type) {
    case 'touch':
      legal(run.status === 'reserved', body, run.status);
      legal(versionOf(draft, run.study) === run.cohort.version, body, 'another cohort');
      move(draft, run.study, 'reserved', 'spent', run.charge);
      moveInEpochs(draft.epochs, run.cohort.epochs, run.charge, { from: 'reserved', to: 'spent' });
      become({ status: 'touched' });
      break;
    case 'vector':
      legal(run.status === 'touched' && run.vector === undefined, body, run.status);
      legal(run.vectorKey === body.vectorKey, body, 'another vector key');
      become({ vector: body.digest });
      // Two runs that were both charged for one key keep a vector each; replays use the first.
      if (!draft.vectors.has(body.vectorKey)) {
        draft.vectors.set(body.vectorKey, { run: body.run, digest: body.digest });
      }
      break;
    case 'settle':
      legal(run.status === 'touched' || run.status === 'replayed', body, run.status);
      legal(run.vector !== undefined, body, 'no vector');
      become({ status: 'settled', release: body.release });
      break;
    case 'abort':
      legal(run.status === 'reserved' || run.status === 'replayed', body, run.status);
      if (run.status === 'reserved') {
        move(draft, run.study, 'reserved', 'left', run.charge);
        moveInEpochs(draft.epochs, run.cohort.epochs, run.charge, { from: 'reserved' });
        countForAnalyst(draft, run, minus);
      }
      become({ status: 'aborted' });
      break;
  }
}

function step(draft: Draft, body: EntryBody): void {
  switch (body.type) {
    case 'grant':
      grant(draft, body);
      break;
    case 'raise':
      raise(draft, body);
      break;
    case 'amend':
      amend(draft, body);
      break;
    case 'load':
      load(draft, body);
      break;
    case 'unload':
      unload(draft, body);
      break;
    case 'restore':
      endLost(draft);
      break;
    case 'recover':
      recover(draft, body);
      break;
    case 'reserve':
    case 'replay':
      start(draft, body);
      break;
    case 'touch':
    case 'vector':
    case 'settle':
    case 'abort':
      goOn(draft, body);
      break;
  }
}

/** The state after `entries`, whose chain the caller has verified. `state` is not changed. */
export function fold(state: LedgerState, entries: Iterable<Entry>): LedgerState {
  const draft = {
    studies: new Map(state.studies),
    runs: state.runs.version(),
    vectors: state.vectors.version(),
    seeds: state.seeds.version(),
    epochs: new Map(state.epochs),
    cohorts: new Map(state.cohorts),
    analysts: new Map(state.analysts),
    raises: new Set(state.raises),
    recovered: new Map(state.recovered),
    ended: new Set(state.ended),
  };
  let head = state.head;
  for (const entry of entries) {
    check(standsBehind(head, entry), 'PROTOCOL_STATE', `entry ${entry.sequence}`);
    step(draft, entry.body);
    head = headOf(entry);
  }
  return { holder: state.holder, head, ...draft };
}

/**
 * Reads a stored ledger from its beginning: the chain verified, every transition legal, or
 * LEDGER_CORRUPT.
 */
export function readLedger(holder: string, entries: readonly Entry[]): LedgerState {
  verifyChain(emptyHead(holder), entries);
  try {
    return fold(emptyState(holder), entries);
  } catch (cause) {
    throw new Refusal('LEDGER_CORRUPT', 'an entry is not legal where it stands', undefined, {
      cause,
    });
  }
}
