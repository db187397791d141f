/**
 * Step 5: one decryption share for this run, for ever (rulings 4).
 *
 * The holder adds the signed inputs itself, exactly one of every holder named in the query, its
 * own as stored; what the sandbox calls the sum plays no part. The share is durable before it is
 * sent, and a retry replays the stored bytes: a second share of the same run, even of the same
 * sum, would let its two smudging noises be compared.
 * @module
 */
import { type Cbor, decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { sumVectors, vectorBytes, vectorShare } from '../../he/collective/vector.ts';
import { EVERYONE } from '../frame.ts';
import type { HolderPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import type { Contributed } from './contribute.ts';
import { decodeContribution } from './contribution.ts';
import { keySharesOf } from './key-epoch.ts';

export type Shared = Omit<Contributed, 'step'> & {
  readonly step: 'shared';
  readonly sum: Uint8Array;
  readonly sumDigest: Digest;
  readonly share: Uint8Array;
};

export const encodeShare = (run: CompiledRun, sumDigest: Digest, share: Uint8Array): Uint8Array =>
  encodeCbor([run.run, run.planDigest, run.keyId, sumDigest, share]);

/** The packed share of every block. Refuses with SUM_REJECTED one of another sum, else with MALFORMED_MESSAGE. */
export function decodeShare(body: Uint8Array, run: CompiledRun, sumDigest: Digest): Uint8Array {
  const item = decodeCbor(body);
  check(Array.isArray(item) && item.length === 5, 'MALFORMED_MESSAGE', 'share shape');
  const [runId, plan, key, sum, share] = item as readonly Cbor[];
  check(
    runId === run.run && plan === run.planDigest && key === run.keyId,
    'MALFORMED_MESSAGE',
    'share of another run',
  );
  check(sum === sumDigest, 'SUM_REJECTED', 'share of another sum');
  check(
    share instanceof Uint8Array && share.length === vectorBytes(run.sets, run.plan.slots),
    'MALFORMED_MESSAGE',
    'share length',
  );
  return share;
}

export async function share(run: Contributed, ports: HolderPorts): Promise<Shared> {
  const inputs: Uint8Array[] = [];
  for (const holder of run.plan.holders) {
    const head = run.heads.get(holder);
    inputs.push(
      head === undefined
        ? run.ciphertext
        : decodeContribution(await ports.relay.receive('contribution', holder), run, head),
    );
  }
  const { slots } = run.plan;
  const sum = await sumVectors(run.sets, inputs, slots, ports.batches);
  const sumDigest = sha256Hex(sum);

  const stored = await ports.steps.once(run.run, 'share', async () => {
    const keys = await keySharesOf(run, ports);
    const given = await vectorShare(run.sets, keys, slots, ports.rng, ports.batches);
    return encodeShare(run, sumDigest, given);
  });
  const [, , , storedSum, given] = decodeCbor(stored) as readonly Cbor[];
  // The stored share was for another sum of this run: it is never given for this one.
  check(storedSum === sumDigest && given instanceof Uint8Array, 'SHARE_REFUSED', 'another sum');
  await ports.relay.send('share', EVERYONE, () => Promise.resolve(stored));
  return { ...run, step: 'shared', sum, sumDigest, share: given };
}
