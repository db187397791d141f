/**
 * What an amendment may change of a study, and what it never may, with the reason: the one table that
 * amendment.ts follows, `kakehashi study amend --rules` prints and the README shows.
 *
 *     widens    allows more than before: it stands once stewards of every holder signed
 *     narrows   allows less: it holds at once at every holder that hears of it, from the stewards of one
 *     never     refused with AMENDMENT_REFUSED and the code here
 * @module
 */

export type AmendmentRule = {
  /** Member of the draft. */
  readonly what: string;
  readonly may: string;
  readonly why: string;
};

export const NEVER = {
  HOLDERS_FIXED: {
    what: 'holders: their names and number',
    why: 'noise, keys and the sums of open runs are those of these holders',
  },
  IDENTITY_FIXED: {
    what: 'holders: identity key',
    why: 'it signs ledger heads and attestations, and what a holder stores is locked under it',
  },
  COUNTRY_FIXED: {
    what: 'holders: country',
    why: 'rules and ceilings of a country were applied to what is spent already',
  },
  PURPOSE_FIXED: {
    what: 'purpose',
    why: 'people, ethics boards and laws allowed the data for this purpose and no other',
  },
  UNIT_FIXED: {
    what: 'cohort: person, rowsPerPerson, cellsPerPerson, nulls, concepts',
    why: 'they say what a unit of privacy is: what was charged would mean something else',
  },
  COLUMN_FIXED: {
    what: 'cohort: the meaning of a column that a version had',
    why: 'noised vectors and released tables of it would mean something else: add one of another name',
  },
  NOISE_FIXED: {
    what: 'honestHolders',
    why: 'the noise of every earlier release was shared out by it',
  },
  LINKAGE_FIXED: {
    what: 'linkage',
    why: 'pseudonym keys, list lengths and quotas of disclosure were agreed for it',
  },
  IMAGE_FIXED: {
    what: 'images: the clause of an image that a version had',
    why: 'the block key and the clamps of its answers were charged: push another image',
  },
  KEY_RETIRED: {
    what: 'a key that an earlier version took out',
    why: 'it was taken out because somebody else may have it',
  },
  KEY_ROLE_FIXED: {
    what: 'a key of another role or of another analyst',
    why: 'one key is one role: an allowance is counted by the name of who uses it',
  },
  UNCHANGED: { what: 'nothing', why: 'a version differs from the one before' },
} as const;

export type NeverCode = keyof typeof NEVER;

const MAY: readonly AmendmentRule[] = [
  {
    what: 'analysts',
    may: 'add: widens; remove: narrows; another key: widens',
    why: 'what an analyst used is counted by name and goes on',
  },
  {
    what: 'holders: stewards and how many of them must sign',
    may: 'add a key, need fewer: widens; remove a key, need more: narrows',
    why: 'signed by the stewards of before and by those of after',
  },
  {
    what: 'budget, ceilings',
    may: 'more: widens; less: narrows',
    why: 'what is spent stays spent: never reset, and less than spent leaves nothing',
  },
  { what: 'expires', may: 'later: widens; earlier: narrows', why: 'open runs end as they began' },
  {
    what: 'operations, images',
    may: 'add: widens; remove: narrows',
    why: 'open runs end as they began',
  },
  {
    what: 'cohort: columns',
    may: 'add, with its maps: widens; remove: narrows',
    why: 'every holder loads its rows again before the next query',
  },
  {
    what: 'cohort: declaredSize',
    may: 'with all signatures',
    why: 'prices and list lengths follow: releases of before answer no query of after; where it is less, rows are loaded again',
  },
  {
    what: 'minimumCell, rounding',
    may: 'lower: widens; higher: narrows',
    why: 'releases of before answer no query of after',
  },
  {
    what: 'approval',
    may: 'stricter: narrows; looser: widens',
    why: 'stewards of the present version count, also for what waits',
  },
  {
    what: 'title, holders: legalBasis',
    may: 'with all signatures',
    why: 'rules of jurisdictions are applied again',
  },
];

/** In the order of reading: what may change, then what never does. */
export const AMENDMENT_RULES: readonly AmendmentRule[] = [
  ...MAY,
  ...Object.entries(NEVER).map(([code, { what, why }]) => ({ what, may: `never (${code})`, why })),
];
