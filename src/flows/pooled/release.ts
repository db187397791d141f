/**
 * What a run releases: post-processing of the noised vector and public numbers, nothing else.
 *
 * The holders and the sandbox each compute it; its digest is what receipts attest. It is made of
 * integers and exact fractions as text, so equal vectors give equal bytes everywhere.
 * @module
 */
import { canonicalBytes, canonicalJson, type Json } from '../../base/canonical-json.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { Rational } from '../../base/rational.ts';
import { type ReleaseCell, releaseCells } from '../../analysis/release-table.ts';
import { type Cell, pooledInOrder, slotsInOrder } from '../../cohort/cells.ts';
import { outsiderRho } from '../../dp/accountant/shares.ts';
import { epsilonUp } from '../../dp/accountant/zcdp.ts';
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

export type ReleaseBody = {
  readonly query: Json;
  readonly cells: readonly ReleaseCell[];
  readonly curves: readonly never[];
  readonly tests: readonly never[];
  readonly privacy: Privacy;
};

/** The cells in the order of the query's axes, by holder first, pooled after, for each measure. */
function inOrder(run: CompiledRun, cells: readonly ReleaseCell[]): ReleaseCell[] {
  const key = (measure: string, group: Cell['group']): string => canonicalJson([measure, group]);
  const byName = new Map(cells.map((cell) => [key(cell.measure, cell.group), cell]));
  const { plan, groupBy } = run;
  const order = [
    ...(plan.split ? slotsInOrder(plan, groupBy) : []),
    ...pooledInOrder(plan, groupBy),
  ];
  return plan.measures.flatMap((measure) =>
    order.flatMap(({ group }) => {
      const cell = byName.get(key(measure, group));
      return cell === undefined ? [] : [{ ...cell, group }];
    }),
  );
}

function privacyOf({ plan, delta }: CompiledRun): Privacy {
  const { rho, variance, honestHolders, sensitivity, holders } = plan;
  // Parts by holder are public one by one, so an outsider sees what a colluding holder sees.
  const outsider = plan.split
    ? rho
    : outsiderRho({
        rho: Rational.of(sensitivity.squaredL2).dividedBy(variance.times(Rational.of(2))),
        shares: holders.length,
        variance,
        touchedCells: sensitivity.l0,
      });
  return {
    unit: 'person',
    rho: rho.toString(),
    epsilon: epsilonUp(rho, delta),
    delta: delta.toString(),
    honestHolders,
    outsider: { rho: outsider.toString(), epsilon: epsilonUp(outsider, delta) },
  };
}

export const releaseBody = (run: CompiledRun, vector: BigInt64Array): ReleaseBody => ({
  query: run.query,
  cells: inOrder(run, releaseCells(run.plan, vector)),
  curves: [],
  tests: [],
  privacy: privacyOf(run),
});

/** SHA-256 over the canonical bytes of what is released, bound to study, run and plan. */
export const releaseDigest = (
  run: Pick<CompiledRun, 'study' | 'run' | 'planDigest'>,
  body: ReleaseBody,
): Digest =>
  sha256Hex(
    canonicalBytes({ study: run.study, run: run.run, plan: run.planDigest, released: body }),
  );
