/**
 * Whose budget a charge is (rulings 17): epochs of persons, and which of them a study counts.
 *
 * Every person who was ever loaded at a holder belongs to one epoch, the one that was opened when
 * the person was first seen; later rows, other files and other studies change nothing about it.
 * A study that counts people of several epochs is charged in each. So the sum of an epoch bounds
 * the loss of each of its people, over all studies, versions and copies of a data set.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import { minus, plus, roundedUp, ZERO } from './amount.ts';
import type { Amount, EntryBody } from './entry.ts';

/** What the people of an epoch bear: set aside, and spent. */
export type Epoch = {
  /** Salted commitment to who they are. */
  readonly people: Digest;
  readonly reserved: Amount;
  readonly spent: Amount;
};

/** What a study counts at this holder. */
export type LoadedCohort = {
  readonly version: Digest;
  readonly epochs: readonly number[];
  /** The version of the study that was in force when it was loaded; undefined where nothing is. */
  readonly agreement?: Digest;
  /** Where rows of the study were taken out: the last version, and how often that was. */
  readonly unloaded?: { readonly version: Digest; readonly times: number };
};

export const newEpoch = (people: Digest): Epoch => ({ people, reserved: ZERO, spent: ZERO });

/** Reserved and spent: what a limit of an epoch compares. */
export const usedByEpoch = ({ reserved, spent }: Epoch): Amount => roundedUp(plus(reserved, spent));

/** Of a study whose rows are gone, or were never loaded. */
export const NO_COHORT: LoadedCohort = { version: '', epochs: [] };

/** A load to book: the epochs of its people, and who begins a new one. */
export type NewCohort = Pick<LoadedCohort, 'version' | 'epochs'> & {
  /** Commitment to those who were never loaded before; the last epoch begins with them. */
  readonly people: Digest | undefined;
};

type Booked = {
  readonly cohorts: ReadonlyMap<Digest, LoadedCohort>;
  readonly studies: ReadonlyMap<Digest, { readonly agreement: Digest }>;
};

/** Undefined where exactly this is loaded already, under the version in force. */
export function loadEntry(
  { cohorts, studies }: Booked,
  study: Digest,
  { version, epochs, people }: NewCohort,
): EntryBody | undefined {
  const before = cohorts.get(study);
  const text = epochs.join(',');
  const same = before?.version === version && before.epochs.join(',') === text;
  const present = before?.agreement === studies.get(study)?.agreement;
  if (same && present && people === undefined) return undefined;
  return { type: 'load', study, version, epochs: text, people: people ?? '' };
}

/** Undefined where nothing is loaded. */
export function unloadEntry(
  { cohorts }: Pick<Booked, 'cohorts'>,
  study: Digest,
): EntryBody | undefined {
  const loaded = cohorts.get(study);
  if (loaded === undefined || loaded.version === '') return undefined;
  return { type: 'unload', study, version: loaded.version };
}

type Part = 'reserved' | 'spent';

/** Moves `amount` in every one of `epochs`; from nowhere where it is reserved, to nowhere where it is given back. */
export function moveInEpochs(
  all: Map<number, Epoch>,
  epochs: readonly number[],
  amount: Amount,
  { from, to }: { readonly from?: Part; readonly to?: Part },
): void {
  for (const number of epochs) {
    const epoch = all.get(number);
    if (epoch === undefined) continue;
    const moved = { ...epoch };
    if (from !== undefined) moved[from] = roundedUp(minus(moved[from], amount));
    if (to !== undefined) moved[to] = roundedUp(plus(moved[to], amount));
    all.set(number, moved);
  }
}
