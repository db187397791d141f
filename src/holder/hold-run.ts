/** A holder's part of a run: the pooled flow, or the linked one or one inside this holder with what it needs besides. @module */
import type { ErrorCode } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { LinkedPeople, LinkedPorts, Records } from '../flows/linked/ports.ts';
import { holdLinkedAggregate } from '../flows/linked-aggregate.ts';
import { holdInside } from '../flows/inside-holder.ts';
import type { InsidePorts } from '../flows/inside-ports.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import { holdPooledAggregate } from '../flows/pooled-aggregate.ts';
import type { HolderPorts } from '../flows/ports.ts';

/** Refusals that end a run for good even after data was touched; any other is tried again. */
export const FINAL_AFTER_TOUCH: ReadonlySet<ErrorCode> = new Set([
  'RUN_ABORTED',
  'RUN_INCOMPLETE',
  'STUDY_STOPPED',
  'STUDY_EXPIRED',
  'PLAN_MISMATCH',
  'MALFORMED_MESSAGE',
  'SUM_REJECTED',
  'SHARE_REFUSED',
  'LEDGER_ROLLBACK',
  'SEQUENCE_CONFLICT',
]);

export type LinkedAccess = Pick<LinkedPorts, 'batches'> & {
  readonly people: LinkedPeople;
  /** The records of a run with another party, until `signal` aborts. */
  readonly records: (run: Digest, party: string, signal: AbortSignal) => Records;
};

export type RunAccess = LinkedAccess & Pick<InsidePorts, 'chooser' | 'coins'>;

/** Returns the digest of the release that this holder attested. */
export const holdRun = (
  run: CompiledRun,
  ports: HolderPorts,
  signal: AbortSignal,
  { people, records, batches, chooser, coins }: RunAccess,
): Promise<Digest> => {
  if (run.plan.inside !== undefined) return holdInside(run, { ...ports, chooser, coins });
  return run.plan.link === undefined
    ? holdPooledAggregate(run, { ...ports, ended: signal })
    : holdLinkedAggregate(run, {
        ...ports,
        people,
        batches,
        records: (party) => records(run.run, party, signal),
      });
};
