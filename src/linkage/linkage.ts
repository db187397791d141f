/**
 * The library entry `kakehashi/linkage`: people, not strings, across Luxembourg and Japan.
 *
 *     parseLinkage → linkTables → quality          two tables in one place
 *     canonicalName, canonicalDate, ...            the forms that both parties compute
 *     keyOfStudy, passKey                          keys for a private set intersection
 *     parseClkSchema → encodeClk → similarPairs    Bloom filters, inside one party only
 * @module
 */
export { canonicalPostcode, canonicalText } from './address.ts';
export { greedy, mutual } from './bloom/assign.ts';
export { clkKeys, encodeClk } from './bloom/encode.ts';
export { oddsPerBit, randomisedResponse } from './bloom/harden.ts';
export { type ClkSchema, parseClkSchema } from './bloom/schema.ts';
export { type Candidate, similarPairs } from './bloom/similarity.ts';
export type { MatchRule, Pair, PassReport } from './cascade.ts';
export { canonicalDate } from './date.ts';
export type { CanonicalRecord, Element, Field, Pass, Side } from './field.ts';
export { canonicalIdentifier, canonicalMatricule, isMatricule, isMyNumber } from './identifier.ts';
export { keyOfStudy, passKey } from './key.ts';
export { type Linked, linkTables, type Row } from './link-tables.ts';
export { canonicalFullName, canonicalName } from './name.ts';
export { type IdPair, type Quality, quality } from './quality.ts';
export { canonicalSex } from './sex.ts';
export { soundCode } from './sound.ts';
export { type LinkageSpec, parseLinkage } from './spec.ts';
