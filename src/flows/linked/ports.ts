/**
 * What the linked aggregate needs besides the ports of every flow: rows of people inside their own
 * holder's process, and the channels of one run.
 *
 * `peer` joins the two holders through the sandbox: whoever wires it seals, signs and numbers its frames
 * (rulings 36); the sandbox sees their lengths, which are public. `sandbox` carries what the sandbox is to read.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { Channel } from '../../psi/channel.ts';
import type { HolderPorts } from '../ports.ts';
import type { LinkedPlan } from './plan.ts';

/** One key for each person; undefined: the person has none and matches nobody. */
export type Keys = readonly (Uint8Array | undefined)[];

/** By group, by person: 1 where the person is in the group. */
export type GroupedPeople = { readonly keys: Keys; readonly groups: readonly Uint8Array[] };

/** By measure, by person: an integer in [0, bound]; what is outside counts as the nearer end. */
export type MeasuredPeople = { readonly keys: Keys; readonly values: readonly Float64Array[] };

/** Salted commitment to the loaded content, as `Cohort.epoch` gives it. */
type Loaded = { epoch(study: Digest): Promise<Digest> };

export type GroupedCohort = Loaded & {
  groupedPeople(plan: LinkedPlan, deadline: Date): Promise<GroupedPeople>;
};
export type MeasuredCohort = Loaded & {
  measuredPeople(plan: LinkedPlan, deadline: Date): Promise<MeasuredPeople>;
};

export type LinkedPorts<Cohort> = Omit<
  HolderPorts,
  'cohort' | 'keys' | 'batches' | 'key' | 'vault'
> & {
  readonly people: Cohort;
  readonly peer: Channel;
  readonly sandbox: Channel;
};

export type LinkedRun = {
  readonly study: Digest;
  readonly run: Digest;
  readonly plan: LinkedPlan;
};
