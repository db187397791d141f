/**
 * The release object (DESIGN section 8): what holders computed and signed, with what it cost.
 *
 * A query that an earlier release of the same price answers (rulings 8 and 9) gets a derived one:
 * the cells it asked for, under its own names and in its own order, free. Its receipt holds the
 * body that the holders attested, so that the derivation can be checked by anybody.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { arranged } from '../flows/pooled/arrange.ts';
import type { Assembled } from '../flows/pooled/assemble.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import type { SignedReceipt } from '../flows/pooled/receipt.ts';
import type { ReleaseBody } from '../flows/pooled/release.ts';
import type { AmountText } from '../flows/pooled/reservation.ts';

export type ReleaseReceipt = {
  readonly study: Digest;
  /** The run that the holders attested: of a derived release an earlier one. */
  readonly run: Digest;
  readonly plan: Digest;
  /** Digest of study, run, plan and released body: what every receipt signs. */
  readonly released: Digest;
  readonly holders: readonly SignedReceipt[];
  /** The attested body, where this release shows a part of it. */
  readonly source?: ReleaseBody;
};

export type Release = ReleaseBody & {
  readonly id: Digest;
  readonly spent: Readonly<Record<string, AmountText>>;
  readonly left: Readonly<Record<string, AmountText>>;
  readonly receipt: ReleaseReceipt;
};

const byHolder = (
  receipts: readonly SignedReceipt[],
  amount: 'spent' | 'left',
): Record<string, AmountText> =>
  Object.fromEntries(receipts.map(({ receipt }) => [receipt.holder, receipt.account[amount]]));

export const releaseOf = (
  run: Pick<CompiledRun, 'run' | 'study' | 'planDigest'>,
  { body, released, receipts }: Assembled,
): Release => ({
  id: run.run,
  ...body,
  spent: byHolder(receipts, 'spent'),
  left: byHolder(receipts, 'left'),
  receipt: {
    study: run.study,
    run: run.run,
    plan: run.planDigest,
    released,
    holders: receipts,
  },
});

/** What the holders attested, of a release that may show a part of it. */
export function attestedBody({ receipt, query, cells, curves, tests, privacy }: Release) {
  return receipt.source ?? { query, cells, curves, tests, privacy };
}

/** `earlier` as the answer to `run`, which asks for some of the same cells at the same price. */
export function derivedRelease(run: CompiledRun, earlier: Release): Release {
  const source = attestedBody(earlier);
  const { measures } = source.query as unknown as { measures: readonly { name: string }[] };
  const names = measures.map(({ name }) => name);
  const tables = arranged(run.plan, run.groupBy, source, names);
  check(tables.cells.length + tables.curves.length > 0, 'INTERNAL', 'the earlier release lacks it');
  return {
    ...earlier,
    id: run.run,
    query: run.query,
    ...tables,
    receipt: { ...earlier.receipt, source },
  };
}
