/**
 * An amendment: the difference between two versions of a study, in words, and whether it widens or narrows
 * (amendment-table.ts). What it may never change is refused with AMENDMENT_REFUSED, a pointer and a code.
 *
 * A change that allows more, or that is neither more nor less, waits for stewards of every holder. Where every
 * change of an amendment allows less, it also is a narrowing (narrowing.ts).
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { type InputError, Refusal } from '../base/errors.ts';
import { pointerTo } from '../base/input.ts';
import { AMENDED_FORMAT, type Draft } from './agreement-shape.ts';
import type { Study, StudyBudget } from './agreement.ts';
import { cohortChanges } from './amended-cohort.ts';
import { keyChanges } from './amended-keys.ts';
import { type Change, type Found, listChanges, type Refuse, same } from './amendment-change.ts';
import { versionsOf } from './versions.ts';

const draftOf = (study: Study<unknown>): Draft => study.draft as unknown as Draft;

const amountWords = ({ rho, delta }: StudyBudget): string =>
  `rho ${rho.toString()}, delta ${delta.toString()}`;

/** Undefined: without a limit. */
function limitChange(
  what: string,
  before: StudyBudget | undefined,
  after: StudyBudget | undefined,
  found: Found,
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined || after === undefined) {
    if (after !== undefined) found('narrows', `${what}: limited to ${amountWords(after)}`);
    else found('widens', `${what}: the limit is taken away`);
    return;
  }
  if (before.rho.equals(after.rho) && before.delta.equals(after.delta)) return;
  const less = after.rho.atMost(before.rho) && after.delta.atMost(before.delta);
  const words = `${what}: ${amountWords(after)} instead of ${amountWords(before)}`;
  found(less ? 'narrows' : 'widens', words);
}

function amounts(before: Study<unknown>, after: Study<unknown>, found: Found): void {
  for (const [holder, budget] of after.budget)
    limitChange(`budget of ${holder}`, before.budget.get(holder), budget, found);
  limitChange('each analyst', before.ceilings.analyst, after.ceilings.analyst, found);
  const [was, is] = [before.ceilings.countries, after.ceilings.countries];
  for (const country of new Set([...was.keys(), ...is.keys()]))
    limitChange(`a person in ${country}`, was.get(country), is.get(country), found);
  approvalChange(before, after, found);
}

function approvalChange(
  { approval: was }: Study<unknown>,
  { approval: is }: Study<unknown>,
  found: Found,
): void {
  if (was === undefined && is === undefined) return;
  if (is === undefined) {
    found('widens', 'no query waits for stewards any more');
    return;
  }
  const words = `queries above rho ${is.above.toString()} wait for ${is.stewards} of every holder's stewards`;
  if (was === undefined) found('narrows', words);
  else if (!was.above.equals(is.above) || was.stewards !== is.stewards) {
    const stricter = is.above.atMost(was.above) && is.stewards >= was.stewards;
    found(stricter ? 'narrows' : 'widens', words);
  }
}

function numberChange(what: string, was: number, is: number, found: Found): void {
  if (was !== is) found(is > was ? 'narrows' : 'widens', `${what}: ${is} instead of ${was}`);
}

function imageChanges(history: readonly Draft[], after: Draft, refuse: Refuse, found: Found): void {
  type Clause = { readonly digest: string };
  const clauses = (draft: Draft): Clause[] => draft.images as unknown as Clause[];
  const earlier = history.flatMap(clauses);
  clauses(after).forEach((clause, i) => {
    const known = earlier.find(({ digest }) => digest === clause.digest);
    if (known !== undefined && !same(known, clause)) refuse('IMAGE_FIXED', 'images', i);
  });
  const digests = (draft: Draft | undefined): string[] =>
    draft === undefined ? [] : clauses(draft).map(({ digest }) => digest);
  listChanges('image', digests(history[0]), digests(after), found);
}

/** What `after` changes of the version before it. Refuses with AMENDMENT_REFUSED. */
export function amendmentOf(after: Study<unknown>): readonly Change[] {
  const before = after.previous;
  if (before === undefined) return [];
  const errors: InputError[] = [];
  const changes: Change[] = [];
  const refuse: Refuse = (code, ...at) => {
    errors.push({ pointer: pointerTo('', ...at), code });
  };
  const found: Found = (effect, words) => {
    changes.push({ effect, words });
  };
  const history = [...versionsOf(before)].map(draftOf);
  const [was, is] = [draftOf(before), draftOf(after)];

  if (was.title !== is.title) found('alters', `title: ${is.title}`);
  if (was.purpose !== is.purpose) refuse('PURPOSE_FIXED', 'purpose');
  if (was.honestHolders !== is.honestHolders) refuse('NOISE_FIXED', 'honestHolders');
  if (!same(was.linkage, is.linkage)) refuse('LINKAGE_FIXED', 'linkage');
  if (was.expires !== is.expires) {
    const later = is.expires > was.expires;
    found(later ? 'widens' : 'narrows', `expires ${is.expires} instead of ${was.expires}`);
  }
  keyChanges(history, is, refuse, found);
  listChanges('operation', was.operations, is.operations, found);
  imageChanges(history, is, refuse, found);
  cohortChanges(history, is, refuse, found);
  numberChange('minimum cell', was.minimumCell, is.minimumCell, found);
  numberChange('rounding', was.rounding ?? 1, is.rounding ?? 1, found);
  amounts(before, after, found);
  if (changes.length === 0 && errors.length === 0) refuse('UNCHANGED');
  if (errors.length > 0) throw new Refusal('AMENDMENT_REFUSED', 'amendment', { errors });
  return changes;
}

/** Every change of it allows less than before. */
export const narrows = (changes: readonly Change[]): boolean =>
  changes.length > 0 && changes.every(({ effect }) => effect === 'narrows');

/** The draft of a version behind `study`, to be changed: complete but for the changes. */
export const successorDraft = ({ id, agreement, version, draft }: Study<unknown>): Json => ({
  ...(draft as object),
  format: AMENDED_FORMAT,
  amends: { study: id, previous: agreement, version: version + 1 },
});
