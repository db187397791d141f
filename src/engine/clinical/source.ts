/**
 * What a reader of clinical records is: it looks at the paths it was given and refuses what is
 * wrong with them as a whole, and later fills the event tables of a database.
 * @module
 */
import type { CohortSection } from '../../cohort/schema.ts';
import type { Session } from '../duckdb/session.ts';
import type { EncodingName } from '../duckdb/text-encoding.ts';

export type ClinicalRequest = {
  /** Files or folders, as the staff named them. */
  readonly paths: readonly string[];
  readonly section: CohortSection;
  readonly holder: string;
  /** Of files that are text. */
  readonly encoding: EncodingName;
  /** For temporary files of the reader; removed by the caller. */
  readonly workDirectory: string;
};

/** What was read, for the holder's own staff. */
export type ReadRecords = {
  /** For each kind of record or table: where it was found, and how many there were. */
  readonly read: readonly {
    readonly name: string;
    readonly file?: string;
    readonly records: number;
    /** Of people who are not in the cohort: dropped. */
    readonly ofUnknownPeople?: number;
  }[];
  /** Codes of what the staff should know, such as `CONCEPT_ANCESTOR_MISSING`. */
  readonly warnings: readonly string[];
};

export type ClinicalSource = {
  /** Adds to the tables of event-tables.ts, which exist. Files are still readable. */
  readonly fill: (session: Session) => Promise<ReadRecords>;
};

export type ClinicalReader = (request: ClinicalRequest) => Promise<ClinicalSource>;
