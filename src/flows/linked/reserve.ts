/**
 * Step 1 of a holder: the same plan at both, both charges durable and shown, then and only then data.
 *
 * A run is attempted once. The noise of a ticket is always the same, and a sandbox that leaves out other
 * pairs the second time would get the difference of two results without noise; so a run that was begun
 * and not finished is over (RUN_INCOMPLETE), its charge stays, and another attempt is another run.
 * @module
 */
import { fromHex, fromUtf8, toHex, utf8 } from '../../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
import { decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check, refuseAs } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import { checkHead } from '../../ledger/mirror.ts';
import { EVERYONE } from '../frame.ts';
import type { NoiseTicket } from '../ports.ts';
import { linkedNoiseRuns } from './noise-runs.ts';
import { linkedPlanDigest } from './plan.ts';
import type { LinkedPorts, LinkedRun } from './ports.ts';

/** Both holders have a durable charge for this run and plan, and nobody began it before. */
export type ReservedRun = LinkedRun & {
  readonly step: 'reserved';
  readonly planDigest: Digest;
  readonly ticket: NoiseTicket;
};

type Ports = LinkedPorts<{ epoch(study: Digest): Promise<Digest> }>;

/** What a holder shows of its charge; signed by the frame around it. */
type Shown = {
  readonly run: Digest;
  readonly plan: Digest;
  readonly rho: string;
  readonly delta: string;
  readonly head: LedgerHead;
};

function readShown(body: Uint8Array, expected: Omit<Shown, 'head'>): LedgerHead {
  return refuseAs('MALFORMED_MESSAGE', 'linked reservation', () => {
    const { head, ...rest } = parseStrict(fromUtf8(body)) as unknown as Shown;
    const same = transcriptOf(rest) === transcriptOf(expected);
    check(same, 'MALFORMED_MESSAGE', 'reservation of another run, plan or amount');
    checkHead(undefined, head);
    return { sequence: head.sequence, hash: head.hash };
  });
}

const transcriptOf = (shown: Omit<Shown, 'head'>): string =>
  Buffer.from(canonicalBytes(shown)).toString('latin1');

async function agree(planDigest: Digest, other: string, { relay }: Ports): Promise<void> {
  await relay.send('plan', EVERYONE, () => Promise.resolve(utf8(planDigest)));
  const theirs = fromUtf8(await relay.receive('plan', other));
  check(theirs === planDigest, 'PLAN_MISMATCH', `holder ${other}`);
}

async function ticketOf({ run, plan }: LinkedRun, ports: Ports): Promise<NoiseTicket> {
  const stored = await ports.steps.once(run, 'noise-ticket', () => {
    const { sealedSeed, commitment } = ports.noise.ticket(linkedNoiseRuns(plan));
    return Promise.resolve(encodeCbor([sealedSeed, fromHex(commitment)]));
  });
  const [sealedSeed, commitment] = decodeCbor(stored) as readonly [Uint8Array, Uint8Array];
  return { sealedSeed, commitment: toHex(commitment) };
}

/** Books the price and goes on only when the other holder has shown that it did. */
export async function reserve(input: LinkedRun, ports: Ports): Promise<ReservedRun> {
  const { study, run, plan } = input;
  const planDigest = linkedPlanDigest(plan);
  check(study === plan.study, 'PLAN_MISMATCH', 'plan of another study');
  const other = ports.holder === plan.groupsHolder ? plan.valuesHolder : plan.groupsHolder;
  const before = await ports.mirrors.last(other);
  await agree(planDigest, other, ports);

  const { rho, delta } = plan;
  const epoch = await ports.people.epoch(study);
  const reserved = await ports.ledger.reserve({
    study,
    run,
    planDigest,
    // Never the same for two runs: no result of this flow is computed again.
    vectorKey: transcriptDigest('kakehashi/linked-result/1', [planDigest, run, epoch]),
    rho,
    delta,
    version: epoch,
    ticket: await ticketOf(input, ports),
  });
  const amount = { run, plan: planDigest, rho: rho.toString(), delta: delta.toString() };
  const shown: Shown = { ...amount, head: reserved.head };
  await ports.relay.send('reservation', EVERYONE, () => Promise.resolve(canonicalBytes(shown)));
  const head = readShown(await ports.relay.receive('reservation', other), amount);
  checkHead(before, head);
  await ports.mirrors.see(other, head);
  return { ...input, step: 'reserved', planDigest, ticket: reserved.ticket };
}

/** Durable before data is touched; refuses a run that was begun before with RUN_INCOMPLETE. */
export async function begin({ run }: ReservedRun, ports: Ports): Promise<void> {
  let first = false;
  await ports.steps.once(run, 'linked-begun', () => {
    first = true;
    return Promise.resolve(new Uint8Array(0));
  });
  check(first, 'RUN_INCOMPLETE', 'a linked run is attempted once');
  await ports.ledger.touch(run);
}
