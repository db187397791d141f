/**
 * What a run releases: post-processing of the noised vector and public numbers, nothing else.
 *
 * The holders and the sandbox each compute it; its digest is what receipts attest. Numbers come from
 * integers by + − × ÷ and √ alone (analysis/elementary.ts), which IEEE 754 defines to the last
 * bit, and half-widths of counts are integers, so equal vectors give equal bytes everywhere.
 * @module
 */
import { canonicalBytes, type Json } from '../../base/canonical-json.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { insideTables } from '../../analysis/inside-tables.ts';
import { type ReleaseTables, releaseTables } from '../../analysis/release-table.ts';
import { check } from '../../base/errors.ts';
import type { Plan } from '../../cohort/plan.ts';
import { storedText } from '../../cohort/stored-value.ts';
import { arranged } from './arrange.ts';
import type { CompiledRun } from './compile-run.ts';
import { type Privacy, privacyOf } from './privacy.ts';

export type ReleaseBody = ReleaseTables & {
  readonly query: Json;
  readonly privacy: Privacy;
};

/** The stored value of a column that a plan shows, as a person writes it. */
function keyText({ columns }: Plan, name: string, stored: bigint): string {
  const column = columns.find((own) => own.name === name);
  check(column !== undefined, 'INTERNAL', 'a key of no column');
  if (column.type !== 'category') return storedText(column, stored);
  const label = column.domain[Number(stored)];
  check(label !== undefined, 'INVALID_PARAMETER', 'a key outside of its domain');
  return label;
}

function tablesOf(plan: Plan, slots: BigInt64Array): ReleaseTables {
  const { inside } = plan;
  if (inside === undefined) return releaseTables(plan, slots);
  const shape = { ...plan, ...inside };
  return insideTables(shape, slots, (column, stored) => keyText(plan, column, stored));
}

/** `slots` is the sum of what the holders sent, as the shares opened it; inside one holder what it chose. */
export function releaseBody(run: CompiledRun, slots: BigInt64Array): ReleaseBody {
  const { plan, groupBy, query } = run;
  return {
    query,
    ...arranged(plan, groupBy, tablesOf(plan, slots)),
    privacy: privacyOf(run),
  };
}

/** SHA-256 over the canonical bytes of what is released, bound to study, run and plan. */
export const releaseDigest = (
  run: Pick<CompiledRun, 'study' | 'run' | 'planDigest'>,
  body: ReleaseBody,
): Digest =>
  sha256Hex(
    canonicalBytes({ study: run.study, run: run.run, plan: run.planDigest, released: body }),
  );
