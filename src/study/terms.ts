/** What a running service asks of a study: is it live, and on which terms may it be queried. @module */
import { dayOf, endOfDay } from '../base/calendar.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Study } from './agreement.ts';

/** The first instant at which the study is over: the end of its last day, UTC. */
export function expiryOf(study: Study<unknown>): Date {
  const day = dayOf(study.expires);
  check(day !== undefined, 'INTERNAL', 'unchecked date');
  return endOfDay(day);
}

/** Refuses with STUDY_EXPIRED from the end of the last day on. */
export const checkLive = (study: Study<unknown>, now: Date): void =>
  check(now < expiryOf(study), 'STUDY_EXPIRED', study.expires);

/** The part of a study that a query is compiled against; cohort/ calls it StudyTerms. */
export const studyTerms = <C>(
  study: Study<C>,
): {
  readonly study: Digest;
  readonly basis: Digest;
  readonly holders: readonly string[];
  readonly honestHolders: number;
  readonly cohort: C;
  readonly operations: readonly string[];
  readonly minimumCell: number;
  readonly rounding: number | undefined;
  readonly linkage: Study<C>['linkage'];
} => ({
  study: study.id,
  basis: study.basis,
  holders: study.holders.map(({ name }) => name),
  honestHolders: study.honestHolders,
  cohort: study.cohort,
  operations: study.operations,
  minimumCell: study.minimumCell,
  rounding: study.rounding,
  linkage: study.linkage,
});
