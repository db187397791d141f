/**
 * What a ledger's entries add up to: each study's account, what epochs of persons and analysts bear,
 * each run's standing, the stored vectors. fold.ts makes it from entries.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import { plus, roundedUp, ZERO } from './amount.ts';
import { type Amount, emptyHead, type LedgerHead } from './entry.ts';
import { LayeredMap, type Versioned } from './layered-map.ts';
import type { Epoch, LoadedCohort } from './people.ts';

export type RunStatus = 'reserved' | 'touched' | 'settled' | 'aborted' | 'replayed' | 'lost';

export type Run = {
  readonly study: Digest;
  readonly plan: Digest;
  readonly vectorKey: Digest;
  readonly status: RunStatus;
  /** The version and the epochs of the people it counts. */
  readonly cohort: LoadedCohort;
  readonly analyst: string | undefined;
  /** A disclosure by agreement that comes with it. */
  readonly discloses: string | undefined;
  /** What it was charged; zero for a replay. Kept after an abort, where it no longer counts. */
  readonly charge: Amount;
  /** Commitment to the noise seed of the reservation; that of run `of` for a replay. */
  readonly commitment: Digest;
  /** The run whose vector this one uses. */
  readonly of: Digest | undefined;
  /** The noised vector that this run stored, or uses. */
  readonly vector: Digest | undefined;
  readonly release: Digest | undefined;
};

export type Account = {
  /** The version of the study that is in force here (study/versions.ts). */
  readonly agreement: Digest;
  /** By that version of the study itself. */
  readonly signed: Amount;
  /** The same and what was added to it. */
  readonly granted: Amount;
  readonly reserved: Amount;
  readonly spent: Amount;
  readonly left: Amount;
};

export type LedgerState = {
  readonly holder: string;
  readonly head: LedgerHead;
  readonly studies: ReadonlyMap<Digest, Account>;
  readonly runs: Versioned<Digest, Run>;
  /** By vector key: the run that stored the first vector under it. */
  readonly vectors: Versioned<Digest, { readonly run: Digest; readonly digest: Digest }>;
  /** By commitment to a noise seed: the run whose reservation it serves, and no other (rulings 20). */
  readonly seeds: Versioned<Digest, Digest>;
  /** Epochs of persons, numbered from 1. */
  readonly epochs: ReadonlyMap<number, Epoch>;
  /** By study. */
  readonly cohorts: ReadonlyMap<Digest, LoadedCohort>;
  /** Reserved and spent, by `analystKey`. */
  readonly analysts: ReadonlyMap<string, Amount>;
  /** Signed grants that were added. */
  readonly raises: ReadonlySet<Digest>;
  /** By study: what may have been charged behind the backups that this ledger came back from (lost.ts). */
  readonly recovered: ReadonlyMap<Digest, Recovered>;
  /** Runs that the last restore ended when they were reserved, and no more. */
  readonly ended: ReadonlySet<Digest>;
};

export type Recovered = { readonly amount: Amount; readonly disclosures: number };

export const NOTHING_RECOVERED: Recovered = { amount: ZERO, disclosures: 0 };

/** Runs of a study that disclosed, or still may: those that were aborted did not. */
export const disclosuresOf = ({ runs, recovered }: LedgerState, study: Digest): number =>
  [...runs.values()].filter(
    (run) => run.study === study && run.discloses !== undefined && run.status !== 'aborted',
  ).length + (recovered.get(study)?.disclosures ?? 0);

export const analystKey = (study: Digest, analyst: string): string => `${study} ${analyst}`;

export const emptyState = (holder: string): LedgerState => ({
  holder,
  head: emptyHead(holder),
  studies: new Map(),
  runs: LayeredMap.empty(),
  vectors: LayeredMap.empty(),
  seeds: LayeredMap.empty(),
  epochs: new Map(),
  cohorts: new Map(),
  analysts: new Map(),
  raises: new Set(),
  recovered: new Map(),
  ended: new Set(),
});

/** Reserved and spent over all studies: what a limit of the holder compares. */
export function usedByAll(state: LedgerState): Amount {
  let used = ZERO;
  for (const { reserved, spent } of state.studies.values())
    used = roundedUp(plus(used, plus(reserved, spent)));
  return used;
}
