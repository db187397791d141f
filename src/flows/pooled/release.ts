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
import { type ReleaseTables, releaseTables } from '../../analysis/release-table.ts';
import { arranged } from './arrange.ts';
import type { CompiledRun } from './compile-run.ts';
import { type Privacy, privacyOf } from './privacy.ts';

export type ReleaseBody = ReleaseTables & {
  readonly query: Json;
  readonly privacy: Privacy;
};

/** `slots` is the sum of what the holders sent, as the shares opened it. */
export function releaseBody(run: CompiledRun, slots: BigInt64Array): ReleaseBody {
  const { plan, groupBy, query } = run;
  return {
    query,
    ...arranged(plan, groupBy, releaseTables(plan, slots)),
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
