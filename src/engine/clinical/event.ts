/**
 * The common event model: what a reader of clinical records (OMOP, FHIR, openEHR) says of a
 * person, in the columns of one study and nothing else. pivot.ts makes rows of it.
 *
 * Values are text as a file would have it; what it means is decided by the one parser of all
 * cohort files (engine/duckdb/parse-sql.ts). Identifiers are those of the source: they become
 * keyed hashes where rows are stored.
 * @module
 */

/** This person is in the cohort, also where nothing else is known. */
export type PersonSeen = { readonly kind: 'seen'; readonly person: string };

/** Holds for every row of the person. Says as well that the person is in the cohort. */
export type PersonFact = {
  readonly kind: 'person';
  readonly person: string;
  /** A column of the study. */
  readonly column: string;
  readonly value: string;
  /** UCUM code. */
  readonly unit?: string;
};

/** Was recorded on one day. Counts only for a person who is seen or of whom a fact is known. */
export type Event = {
  readonly kind: 'event';
  readonly person: string;
  /** ISO date; null where the record has none. */
  readonly day: string | null;
  /** A column of the study. */
  readonly column: string;
  readonly value: string;
  /** UCUM code; absent where the record has none. */
  readonly unit?: string;
  /**
   * What identifies the record in its source. Values of several columns that come from one
   * record stay together when there are several records on a day.
   */
  readonly record?: string;
};

export type ClinicalRecord = PersonSeen | PersonFact | Event;
