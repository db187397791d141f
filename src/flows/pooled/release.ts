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
import { Rational } from '../../base/rational.ts';
import { type ReleaseTables, releaseTables } from '../../analysis/release-table.ts';
import type { Block, Plan } from '../../cohort/plan.ts';
import { outsiderRho } from '../../dp/accountant/shares.ts';
import { epsilonUp } from '../../dp/accountant/zcdp.ts';
import { arranged } from './arrange.ts';
import type { CompiledRun } from './compile-run.ts';

/** Privacy loss in one adversary's view, for reading: epsilon is rounded up. */
export type Loss = { readonly rho: string; readonly epsilon: string };

export type Privacy = {
  /** One person with all rows, at each holder. */
  readonly unit: 'person';
  /** Charged at every holder: the view of a coalition of the analyst and all holders but one. */
  readonly rho: string;
  readonly epsilon: string;
  readonly delta: string;
  readonly honestHolders: number;
  /** The view of somebody who knows no holder's noise. */
  readonly outsider: Loss;
};

export type ReleaseBody = ReleaseTables & {
  readonly query: Json;
  readonly privacy: Privacy;
};

/**
 * The outsider's rho of one block. Parts by holder are public one by one: there an outsider sees
 * what a colluding holder sees.
 */
function outsiderOf({ runs, sensitivity, rho }: Block, { split, holders }: Plan): Rational {
  if (split) return rho;
  const [first, ...others] = runs.map(({ variance }) => variance);
  if (first === undefined) return rho;
  const smallest = others.reduce((a, b) => (a.atMost(b) ? a : b), first);
  return outsiderRho({
    rho: Rational.of(sensitivity.squaredL2).dividedBy(first.times(Rational.of(2))),
    shares: holders.length,
    variance: smallest,
    touchedCells: sensitivity.l0,
  });
}

function privacyOf({ plan, delta }: CompiledRun): Privacy {
  const { rho, honestHolders } = plan;
  const outsider = plan.blocks
    .map((block) => outsiderOf(block, plan))
    .reduce((sum, own) => sum.plus(own), Rational.ZERO);
  return {
    unit: 'person',
    rho: rho.toString(),
    epsilon: epsilonUp(rho, delta),
    delta: delta.toString(),
    honestHolders,
    outsider: { rho: outsider.toString(), epsilon: epsilonUp(outsider, delta) },
  };
}

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
