/**
 * The release object (DESIGN section 8): what holders computed and signed, with what it cost.
 *
 * A query that an earlier release of the same price answers (rulings 8 and 9) gets a derived one:
 * the cells it asked for, under its own names and in its own order, free. Its receipt holds the
 * body that the holders attested, so that the derivation can be checked by anybody.
 * @module
 */
import { tablesOf } from '../analysis/released.ts';
import { type Receipt, RECEIPT_FORMAT, type SignedAttestation } from '../audit/receipt.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { arranged } from '../flows/pooled/arrange.ts';
import type { Assembled } from '../flows/pooled/assemble.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import type { ReleaseBody } from '../flows/pooled/release.ts';
import type { AmountText } from '../flows/pooled/reservation.ts';

/** Of a derived release, the receipt of the earlier run with the body that was attested. */
export type ReleaseReceipt = Omit<Receipt, 'source'> & { readonly source?: ReleaseBody };

export type Release = ReleaseBody & {
  readonly id: Digest;
  readonly spent: Readonly<Record<string, AmountText>>;
  readonly left: Readonly<Record<string, AmountText>>;
  readonly receipt: ReleaseReceipt;
};

const byHolder = (
  attestations: readonly SignedAttestation[],
  amount: 'spent' | 'left',
): Record<string, AmountText> =>
  Object.fromEntries(
    attestations.map(({ attestation }) => [attestation.holder, attestation.account[amount]]),
  );

export const releaseOf = (
  run: Pick<CompiledRun, 'run' | 'study' | 'planDigest'>,
  { body, released, attestations, log }: Assembled,
): Release => ({
  id: run.run,
  ...body,
  spent: byHolder(attestations, 'spent'),
  left: byHolder(attestations, 'left'),
  receipt: {
    format: RECEIPT_FORMAT,
    study: run.study,
    run: run.run,
    plan: run.planDigest,
    released,
    holders: [...attestations],
    log,
  },
});

/** What the holders attested, of a release that may show a part of it. */
export function attestedBody(release: Release) {
  const { receipt, query, privacy } = release;
  return receipt.source ?? { query, ...tablesOf(release), privacy };
}

/** `earlier` as the answer to `run`, which asks for some of the same cells at the same price. */
export function derivedRelease(run: CompiledRun, earlier: Release): Release {
  const source = attestedBody(earlier);
  const { measures } = source.query as unknown as { measures: readonly { name: string }[] };
  const names = measures.map(({ name }) => name);
  const tables = arranged(run.plan, run.groupBy, source, names);
  const { cells, curves, incidences, estimates } = tables;
  const shown = cells.length + curves.length + incidences.length + estimates.length;
  check(shown > 0, 'INTERNAL', 'the earlier release lacks it');
  return {
    ...earlier,
    id: run.run,
    query: run.query,
    ...tables,
    receipt: { ...earlier.receipt, source },
  };
}
