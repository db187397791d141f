/** What a study draft of the right shape may still get wrong. @module */
import { dayOf } from '../base/calendar.ts';
import type { InputError } from '../base/errors.ts';
import { isPlainLine, pointerTo, readFraction } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import { isPublicKey } from '../base/sign.ts';
import { AMENDED_FORMAT, type Draft } from './agreement-shape.ts';
import { type DeclarationErrors, imageErrors } from './image-clause.ts';
import { linkageErrors } from './linkage-clause.ts';

/** Addresses on the wire and in the ledger that are no holder's. */
const RESERVED = new Set(['sandbox', 'holder']);

type Report = (code: string, ...at: readonly (string | number)[]) => void;

/** Reports every value that was there before. */
function distinct(values: readonly string[], report: (index: number) => void): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (seen.has(value)) report(i);
    seen.add(value);
  });
}

/**
 * One key, one role: a steward of one holder is not a steward of another, an analyst approves
 * nothing, and the online identity key of a holder signs no study.
 */
function keyErrors(draft: Draft, report: Report): void {
  const uses = [
    ...draft.holders.flatMap((holder, i) => [
      { key: holder.identity, at: ['holders', i, 'identity'] },
      ...holder.stewards.keys.map((key, j) => ({ key, at: ['holders', i, 'stewards', 'keys', j] })),
    ]),
    ...draft.analysts.map(({ key }, i) => ({ key, at: ['analysts', i, 'key'] })),
  ];
  for (const { key, at } of uses) if (!isPublicKey(key)) report('KEY_INVALID', ...at);
  distinct(
    uses.map((use) => use.key),
    (i) => report('DUPLICATE_KEY', ...(uses[i]?.at ?? [])),
  );
}

function amountErrors(
  { rho, delta }: { readonly rho: string; readonly delta: string },
  report: Report,
  ...at: readonly string[]
): void {
  if ((readFraction(rho)?.sign() ?? 0) <= 0) report('AMOUNT_INVALID', ...at, 'rho');
  const exact = readFraction(delta);
  if (exact === undefined || Rational.ONE.atMost(exact)) report('AMOUNT_INVALID', ...at, 'delta');
}

function budgetErrors(draft: Draft, names: readonly string[], report: Report): void {
  for (const name of names) {
    if (!Object.hasOwn(draft.budget, name)) report('MISSING_FIELD', 'budget', name);
  }
  for (const [name, { rho, delta }] of Object.entries(draft.budget)) {
    if (!names.includes(name)) report('UNKNOWN_HOLDER', 'budget', name);
    amountErrors({ rho, delta }, report, 'budget', name);
  }
}

function governanceErrors({ ceilings, approval, holders }: Draft, report: Report): void {
  if (ceilings?.analyst !== undefined)
    amountErrors(ceilings.analyst, report, 'ceilings', 'analyst');
  for (const [country, amount] of Object.entries(ceilings?.countries ?? {})) {
    const at = ['ceilings', 'countries', country];
    if (!holders.some((holder) => holder.country === country)) report('UNKNOWN_COUNTRY', ...at);
    amountErrors(amount, report, ...at);
  }
  if (approval === undefined) return;
  if ((readFraction(approval.above)?.sign() ?? -1) < 0)
    report('AMOUNT_INVALID', 'approval', 'above');
  // Nobody could ever approve.
  const few = holders.some(({ stewards }) => stewards.keys.length < approval.stewards);
  if (few) report('OUT_OF_RANGE', 'approval', 'stewards');
}

/**
 * Every fault of meaning in a draft that has the shape of agreement-shape.ts, but for its cohort; `declared`
 * says what is wrong with the declaration of an image.
 */
export function agreementErrors(draft: Draft, declared: DeclarationErrors): InputError[] {
  const errors: InputError[] = [];
  const report: Report = (code, ...at) => {
    errors.push({ pointer: pointerTo('', ...at), code });
  };
  const amended = draft.format === AMENDED_FORMAT;
  if (amended && draft.amends === undefined) report('MISSING_FIELD', 'amends');
  if (!amended && draft.amends !== undefined) report('UNKNOWN_FIELD', 'amends');
  for (const name of ['title', 'purpose'] as const) {
    if (!isPlainLine(draft[name], 200)) report('WRONG_FORMAT', name);
  }
  if (dayOf(draft.expires) === undefined) report('DATE_INVALID', 'expires');
  const names = draft.holders.map((holder) => holder.name);
  draft.holders.forEach((holder, i) => {
    if (RESERVED.has(holder.name)) report('RESERVED_NAME', 'holders', i, 'name');
    if (!isPlainLine(holder.legalBasis, 200)) report('WRONG_FORMAT', 'holders', i, 'legalBasis');
    if (holder.stewards.need > holder.stewards.keys.length) {
      report('OUT_OF_RANGE', 'holders', i, 'stewards', 'need');
    }
  });
  distinct(names, (i) => report('DUPLICATE_HOLDER', 'holders', i, 'name'));
  distinct(
    draft.analysts.map((analyst) => analyst.name),
    (i) => report('DUPLICATE_ANALYST', 'analysts', i, 'name'),
  );
  keyErrors(draft, report);
  distinct(draft.operations, (i) => report('DUPLICATE_OPERATION', 'operations', i));
  if (draft.honestHolders > names.length) report('OUT_OF_RANGE', 'honestHolders');
  errors.push(...imageErrors(draft.images, declared));
  errors.push(...linkageErrors(draft.linkage));
  budgetErrors(draft, names, report);
  governanceErrors(draft, report);
  return errors;
}
