/**
 * When a holder answers (rulings 15): a power of two seconds, at least four times a cost model
 * on public sizes, so that the time of an answer says nothing about the data.
 * @module
 */
import type { CohortSection } from './schema.ts';

/** Opening the cohort, compiling, key exchange arithmetic. */
const FIXED_NS = 400_000_000n;
/**
 * Read, filter, bound and sum one row: one thread of DuckDB takes 1.1 µs where rows of a person are
 * ranked, which the margin covers twice, and 0.2 to 0.6 µs in a table with one row a person.
 */
const ROW_NS = 700n;
/** Noise, mask and encryption of one slot with the kernels in plain TypeScript. */
const SLOT_NS = 20_000n;
const MARGIN = 4n;
const SECOND_NS = 1_000_000_000n;

export function deadlineSeconds(cohort: CohortSection, slots: number): number {
  const people = Math.max(0, ...Object.values(cohort.declaredSize));
  const rows = BigInt(people) * BigInt(cohort.rowsPerPerson);
  const cost = FIXED_NS + rows * ROW_NS + BigInt(slots) * SLOT_NS;
  let seconds = 1n;
  while (seconds * SECOND_NS < MARGIN * cost) seconds *= 2n;
  return Number(seconds);
}
