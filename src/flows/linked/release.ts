/**
 * Step 6: the noised cells as a table, recorded in this holder's ledger. Post-processing only.
 *
 * The minimum size acts on the noised count that the plan charges (rulings 13); without a count nothing is hidden.
 * @module
 */
import { canonicalBytes } from '../../base/canonical-json.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { isSmall } from '../../analysis/disclosure/suppression.ts';
import { epsilonUp } from '../../dp/accountant/zcdp.ts';
import type { Blobs, Ledger } from '../ports.ts';
import { cellBytes } from './wire.ts';
import type { LinkedPlan } from './plan.ts';
import type { ReservedRun } from './reserve.ts';

export type LinkedCell = {
  readonly group: string;
  readonly measure: string;
  /** Null where the group is below the minimum size. */
  readonly value: number | null;
  /** Variance of the noise of both holders, as a fraction. */
  readonly variance: string;
};

export type LinkedRelease = {
  readonly cells: readonly LinkedCell[];
  readonly privacy: {
    /** One person with all rows, at each holder. */
    readonly unit: 'person';
    readonly rho: string;
    readonly epsilon: string;
    readonly delta: string;
    /** What the sandbox and one holder learn together: no number stands for it (rulings 21). */
    readonly colluder: string;
  };
};

/** The holder with the sandbox sees which of its own rows matched. */
const disclosed = ({ groupsHolder, valuesHolder }: LinkedPlan): string =>
  `membership disclosed to {sandbox, ${groupsHolder}} and to {sandbox, ${valuesHolder}}`;

export function linkedRelease(plan: LinkedPlan, noised: BigInt64Array): LinkedRelease {
  const { groups, measures, rho, delta, minimumCell } = plan;
  const width = measures.length;
  const count = measures.findIndex(({ kind }) => kind === 'count');
  const cells = groups.flatMap((group, row) => {
    const values = measures.map((_, measure) => Number(noised[row * width + measure]));
    const size = values[count];
    const hidden = size !== undefined && isSmall(size, minimumCell);
    return measures.map(({ name, variance }, measure) => ({
      group,
      measure: name,
      value: hidden ? null : (values[measure] ?? 0),
      variance: variance.plus(variance).toString(),
    }));
  });
  return {
    cells,
    privacy: {
      unit: 'person',
      rho: rho.toString(),
      // Of delta one half is the dummies' and one half buys the conversion.
      epsilon: epsilonUp(rho, delta),
      delta: delta.plus(delta).toString(),
      colluder: disclosed(plan),
    },
  };
}

/** Keeps the noised cells and settles the run with what is released. */
export async function record(
  run: Pick<ReservedRun, 'run' | 'study' | 'plan' | 'planDigest'>,
  noised: BigInt64Array,
  { blobs, ledger }: { readonly blobs: Blobs; readonly ledger: Ledger },
): Promise<{ readonly release: LinkedRelease; readonly digest: Digest }> {
  await ledger.keepVector(run.run, await blobs.put(cellBytes(noised)));
  const release = linkedRelease(run.plan, noised);
  const digest = sha256Hex(
    canonicalBytes({ study: run.study, run: run.run, plan: run.planDigest, released: release }),
  );
  await ledger.settle(run.run, digest);
  return { release, digest };
}
