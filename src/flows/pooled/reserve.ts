/**
 * Step 3: both or none (rulings 18). A holder books the whole price in its own ledger, durably,
 * and shows the signed entry; it goes on only when it has seen the entry of every holder.
 *
 * The budget is not refunded once this holder touched data; a refusal before that is free.
 * @module
 */
import { fromHex } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../base/codec.ts';
import { toHex } from '../../base/bytes.ts';
import type { Digest } from '../../base/hash.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import { checkHead } from '../../ledger/mirror.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Plan } from '../../cohort/plan.ts';
import { deltaOf } from '../../cohort/price.ts';
import { EVERYONE } from '../frame.ts';
import type { HolderPorts, NoiseTicket } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import { noiseRuns } from './noise-runs.ts';
import type { Masked } from './mask-keys.ts';
import {
  accountText,
  decodeReservation,
  encodeReservation,
  type Reservation,
} from './reservation.ts';

/** Every holder has a durable reservation for this run and plan. */
export type ReservedRun = Omit<Masked, 'step'> & {
  readonly step: 'reserved';
  readonly ticket: NoiseTicket;
  readonly own: Reservation;
  /** The ledger head of every other holder's reservation. */
  readonly heads: ReadonlyMap<string, LedgerHead>;
};

/** Names a noised vector: any change of these means fresh noise and a new charge (rulings 9). */
export const vectorKey = (plan: Plan, epoch: Digest): Digest =>
  transcriptDigest('kakehashi/noised-vector/1', [
    plan.study,
    plan.queryKey,
    plan.honestHolders,
    plan.split ? 'split' : 'pooled',
    plan.slots,
    epoch,
    ...plan.holders,
  ]);

/** No result of a linked run is computed again, so its key is never that of another run. */
const vectorKeyOf = ({ plan, planDigest, run }: CompiledRun, epoch: Digest): Digest =>
  plan.link === undefined
    ? vectorKey(plan, epoch)
    : transcriptDigest('kakehashi/linked-result/1', [planDigest, run, epoch]);

export async function reserve(masked: Masked, ports: HolderPorts): Promise<ReservedRun> {
  const { plan, run, study, planDigest } = masked;
  const drawn = await ticketOf(masked, ports);
  const version = await ports.cohort.epoch(study);
  const reserved = await ports.ledger.reserve({
    study,
    run,
    planDigest,
    vectorKey: vectorKeyOf(masked, version),
    rho: plan.rho,
    delta: deltaOf(plan),
    ticket: drawn,
    version,
    analyst: masked.analyst,
    disclosure: plan.link?.disclose,
    ceilings: masked.ceilings.get(ports.holder),
    agreement: masked.amended?.agreement,
  });

  // The body is stored with the send: a later look at the account would give other numbers.
  let sent: Reservation | undefined;
  const stored = await ports.steps.once(run, 'reservation', async () => {
    sent = {
      run,
      plan: planDigest,
      rho: plan.rho.toString(),
      charged: reserved.charged,
      head: reserved.head,
      ...(plan.link?.disclose !== undefined && { discloses: plan.link.disclose.output }),
      account: accountText(await ports.ledger.account(study)),
    };
    return encodeReservation(sent);
  });
  await ports.relay.send('reservation', EVERYONE, () => Promise.resolve(stored));

  const heads = new Map<string, LedgerHead>();
  for (const other of masked.others) {
    const theirs = decodeReservation(await ports.relay.receive('reservation', other), masked);
    // An older ledger than one seen before this run began was restored from a backup.
    checkHead(masked.headsBefore.get(other), theirs.head);
    await ports.mirrors.see(other, theirs.head);
    heads.set(other, theirs.head);
  }
  return {
    ...masked,
    step: 'reserved',
    ticket: reserved.ticket,
    own: sent ?? decodeReservation(stored, masked),
    heads,
  };
}

async function ticketOf({ run, plan }: CompiledRun, ports: HolderPorts): Promise<NoiseTicket> {
  const stored = await ports.steps.once(run, 'noise-ticket', () => {
    const { sealedSeed, commitment } = ports.noise.ticket(noiseRuns(plan));
    return Promise.resolve(encodeCbor([sealedSeed, fromHex(commitment)]));
  });
  const [sealedSeed, commitment] = decodeCbor(stored) as readonly [Uint8Array, Uint8Array];
  return { sealedSeed, commitment: toHex(commitment) };
}
