/**
 * What the linked aggregate needs besides the ports of every flow: rows of people inside their own
 * holder's process, and channels of one run to the other holder and to the sandbox.
 *
 * `records` carries records of at most 4 MiB in order and no more: what goes to the other holder is sealed by
 * the flow (sealed-records.ts), and the sandbox sees lengths of public classes (records.ts).
 * @module
 */
import type { ThreadedBatches } from '../../base/batches.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { Channel } from '../../psi/channel.ts';
import type { HolderPorts, NoiseTicket } from '../ports.ts';
import type { Digest } from '../../base/hash.ts';
import type { LinkedPlan } from './plan.ts';

/** One key for each person; undefined: the person has none and matches nobody. */
export type Keys = readonly (Uint8Array | undefined)[];

/** By person, the cell that its row is in; −1 where the filter leaves it out. */
export type GroupedPeople = { readonly keys: Keys; readonly cells: Int32Array };

/** By column of the plan, by person: an integer in [0, bound]. */
export type MeasuredPeople = { readonly keys: Keys; readonly values: readonly Float64Array[] };

/** The only way from rows to a linked run. One row of each person, as `plan.link` says. */
export interface LinkedPeople {
  groupedPeople(plan: Plan, deadline: Date): Promise<GroupedPeople>;
  measuredPeople(plan: Plan, deadline: Date): Promise<MeasuredPeople>;
}

/** A carrier of records. */
export type Records = Channel & {
  /** Resolves once everything that was sent has left. */
  flush(): Promise<void>;
};

/** The records of this run with another party, from the first on; once for each party. */
export type OpenRecords = (party: string) => Records;

export type LinkedPorts = HolderPorts & {
  readonly people: LinkedPeople;
  readonly records: OpenRecords;
  /** Threads with the handlers of psi/vole: frames and results are the same with any number of them. */
  readonly batches: ThreadedBatches;
};

/** What the steps between reservation and answer need of a run. */
export type LinkedRun = {
  readonly run: Digest;
  readonly plan: LinkedPlan;
  readonly ticket: NoiseTicket;
};
