/**
 * What a linked query may tell its two holders besides the released number: disclosures by agreement (rulings 21).
 *
 *     set           who of a holder's people are in both, and a number that both holders give to the same person
 *     cardinality   how many are in both, exactly
 *     ids           for each of a holder's people an id that the other holder gives to the same person; other in every study
 *
 * None of them has a finite epsilon. The study signs which it allows and how often; a holder books each in its
 * ledger, and nothing is disclosed where the noised count, which was charged, is below the study's minimum (rulings 28).
 * @module
 */
export const DISCLOSURES = ['set', 'cardinality', 'ids'] as const;
export type Disclosed = (typeof DISCLOSURES)[number];

/** A disclosure that a study allows. */
export type Disclosure = {
  readonly output: Disclosed;
  /** Queries that disclose anything, in the life of the study, at each holder. */
  readonly quota: number;
};
