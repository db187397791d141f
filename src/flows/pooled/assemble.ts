/**
 * The sandbox's side of a run: waits for what the holders sign, adds, combines, and records the
 * release with every holder's receipt. The heavy parts are jobs: pure functions of blobs.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import { joinVector } from '../../he/collective/vector.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import type { SandboxPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import { decodeContribution } from './contribution.ts';
import { checkReceipt, type SignedReceipt } from './receipt.ts';
import { type ReleaseBody, releaseBody, releaseDigest } from './release.ts';
import { decodeReservation } from './reservation.ts';
import { decodeShare } from './share.ts';

export type Assembled = {
  readonly body: ReleaseBody;
  readonly released: Digest;
  readonly receipts: readonly SignedReceipt[];
};

export async function assemble(
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
): Promise<Assembled> {
  const { relay, blobs, jobs, progress } = ports;
  const { holders } = run.plan;

  await progress('reserving');
  const heads = new Map<string, LedgerHead>();
  for (const holder of holders) {
    heads.set(holder, decodeReservation(await relay.receive('reservation', holder), run).head);
  }

  await progress('computing');
  const inputs: Digest[] = [];
  for (const [holder, head] of heads) {
    const body = await relay.receive('contribution', holder);
    inputs.push(await blobs.put(decodeContribution(body, run, head)));
  }

  await progress('sharing');
  const params = { parameters: run.plan.parameters, slots: run.plan.slots };
  const sum = await jobs.submit({ kind: 'rlwe-sum', inputs, params, key: `${run.run}/sum` });
  const sumDigest = sha256Hex(await blobs.get(sum));
  const shares: Digest[] = [];
  for (const holder of holders) {
    shares.push(await blobs.put(decodeShare(await relay.receive('share', holder), run, sumDigest)));
  }
  const combined = await jobs.submit({
    kind: 'rlwe-combine',
    inputs: [sum, ...shares],
    params,
    key: `${run.run}/combine`,
  });

  const sums = joinVector(run.sets, await blobs.get(combined), run.plan.slots);
  const body = releaseBody(run, sums);
  const released = releaseDigest(run, body);
  const receipts: SignedReceipt[] = [];
  for (const holder of holders) {
    const identity = identities.get(holder);
    check(identity !== undefined, 'IDENTITY_NOT_PINNED', `holder ${holder}`);
    const receipt = await relay.receive('receipt', holder);
    receipts.push(checkReceipt(receipt, run, holder, identity, released));
  }
  return { body, released, receipts };
}
