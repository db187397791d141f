/**
 * The file in which a loaded cohort is kept: `cohorts/<study>.duckdb`.
 *
 *     cohort(person UHUGEINT, row_order UHUGEINT, c0, c1, ...)   sorted by person, row_order
 *     description(format, columns, epoch, rows, people)           one row
 *     person_identity(person UHUGEINT, identity UHUGEINT)         one row a person
 *     person_concept, concept_ancestor                            stored-concepts.ts
 *
 * `person` is a keyed hash of the identifier, `identity` another that is the same in every study, and `row_order` one of the whole row, so that the
 * file holds no identifier and its order says nothing about the order of the source. Column i of
 * the study is stored as `ci`: the index into its domain, a count of steps, or days since
 * 1970-01-01; NULL for null, unparsable and out-of-domain (rulings 13).
 * @module
 */
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import type { Session } from './session.ts';

export const STORED_FORMAT = 1;

export type Description = {
  /** `describeColumns` of the columns, in stored order. */
  readonly columns: string;
  readonly epoch: Digest;
  readonly rows: bigint;
  readonly people: bigint;
};

export const storedName = (index: number): string => `c${index}`;

export const storedType = (column: PlanColumn): string =>
  column.type === 'category' ? 'INTEGER' : 'BIGINT';

function columnJson(column: PlanColumn): Json {
  const { name, type } = column;
  if (type === 'category') return { name, type, domain: [...column.domain] };
  const bounds = { name, type, min: String(column.min), max: String(column.max) };
  return type === 'date' ? bounds : { ...bounds, step: column.step.toString() };
}

/** The columns as text: equal text, equal meaning of what is stored. */
export const describeColumns = (columns: readonly PlanColumn[]): string =>
  canonicalJson(columns.map(columnJson));

/** Refuses with DATA_DIRECTORY_DAMAGED what this version did not write. */
export async function readDescription(session: Session): Promise<Description> {
  const rows = await session.rows('SELECT format, columns, epoch, rows, people FROM description');
  const [format, columns, epoch, count, people] = rows[0] ?? [];
  check(
    rows.length === 1 &&
      format === STORED_FORMAT &&
      typeof columns === 'string' &&
      typeof epoch === 'string' &&
      DIGEST_PATTERN.test(epoch) &&
      typeof count === 'bigint' &&
      typeof people === 'bigint',
    'DATA_DIRECTORY_DAMAGED',
    'cohort description',
  );
  return { columns, epoch, rows: count, people };
}
