/**
 * Step 4: touch data, once, and send it bounded, noised, masked and encrypted.
 *
 * The noised vector is kept before anything leaves (rulings 9): the same query again, a crash or
 * another attempt encrypts exactly this vector, with the same noise and no new charge. What is
 * sent leaves at a public deadline, so that its timing says nothing about the data (rulings 15):
 * the cohort gives up after three quarters of that time, and masking and encryption, which take a
 * time that follows from the number of slots alone, have the last quarter.
 * @module
 */
import type { ImageEvidence } from '../../audit/image-evidence.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { encryptVector, maskVector } from '../../he/collective/vector.ts';
import { untilDeadline } from '../deadline.ts';
import { EVERYONE } from '../frame.ts';
import type { HolderPorts } from '../ports.ts';
import { decodeContribution, encodeContribution } from './contribution.ts';
import { keySharesOf } from './key-epoch.ts';
import { vectorOnce } from './kept-vector.ts';
import { noiseRuns } from './noise-runs.ts';
import { programEvidence } from './program-evidence.ts';
import type { ReservedRun } from './reserve.ts';

export type Contributed = Omit<ReservedRun, 'step'> & {
  readonly step: 'contributed';
  /** This holder's own c0, as stored and sent. */
  readonly ciphertext: Uint8Array;
  /** Of the programs that this run had run. */
  readonly images: readonly ImageEvidence[];
};

/** Of the time to the deadline: when work on rows ends at the latest. */
const COHORT_SHARE = 3 / 4;

export async function contribute(run: ReservedRun, ports: HolderPorts): Promise<Contributed> {
  const { steps, blobs, clock, relay } = ports;
  const start = clock.now().getTime();
  const milliseconds = run.plan.deadlineSeconds * 1000;
  const deadline = new Date(start + milliseconds);
  const giveUp = new Date(start + COHORT_SHARE * milliseconds);
  const images = await programEvidence(run, ports);
  // The steps table keeps the digest, the blob store the bytes; both are durable before the send.
  const digest = await steps.once(run.run, 'contribution', async () => {
    const values = layOut(await noisedVector(run, giveUp, ports), run, ports.holder);
    const masked = maskVector(run.sets, values, {
      holder: ports.holder,
      peers: run.maskKeys,
      run: run.run,
      planDigest: run.planDigest,
    });
    const keys = await keySharesOf(run, ports);
    const ciphertext = await encryptVector(run.sets, keys, masked, ports.rng, ports.batches);
    return fromHex(await blobs.put(encodeContribution(run, run.own.head, ciphertext)));
  });
  const body = await blobs.get(toHex(digest));
  await relay.send('contribution', EVERYONE, async () => {
    await untilDeadline(clock, deadline, milliseconds);
    return body;
  });
  const ciphertext = decodeContribution(body, run, run.own.head);
  return { ...run, step: 'contributed', ciphertext, images };
}

/** The vector kept under this run's key, or a new one: the only place where data is touched. */
function noisedVector(
  reserved: ReservedRun,
  giveUp: Date,
  ports: HolderPorts,
): Promise<BigInt64Array> {
  const { run, plan, ticket } = reserved;
  return vectorOnce(reserved, ports, async () => {
    const drawn = await ports.noise.draw(ticket, noiseRuns(plan));
    const ended = ports.ended ?? new AbortController().signal;
    return ports.cohort.noisedVector(plan, drawn, giveUp, { run, ended });
  });
}

/** This holder's values in the slots of the run; public zeros in the others' slots. */
function layOut(vector: BigInt64Array, { plan }: ReservedRun, holder: string): BigInt64Array {
  const values = new BigInt64Array(plan.slots);
  values.set(vector, plan.split ? plan.holders.indexOf(holder) * vector.length : 0);
  return values;
}
