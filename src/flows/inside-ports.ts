/** What a holder needs to choose from values of its own (rulings 12). @module */
import type { Plan } from '../cohort/plan.ts';
import type { ByteSource } from '../dp/sampler/byte-source.ts';
import type { HolderPorts, NoiseTicket } from './ports.ts';

/** The only way from rows to choices. */
export interface Chooser {
  /**
   * What the mechanisms of a plan choose from this holder's rows with `coins`. Never fails because of a
   * row: a fault, or work that is not done at `deadline`, is answered as if nobody were there, and
   * raises a local alarm (rulings 13).
   */
  chosen(plan: Plan, coins: ByteSource, deadline: Date): Promise<BigInt64Array>;
}

/** Coins of a reservation: the same for the same ticket, which draws no noise. */
export interface Coins {
  coins(ticket: NoiseTicket): ByteSource;
}

export type InsidePorts = HolderPorts & { readonly chooser: Chooser; readonly coins: Coins };
