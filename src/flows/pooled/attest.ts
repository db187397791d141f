/**
 * Step 6: the holder combines the shares itself and signs what it gets: its part of the receipt.
 *
 * The analyst checks these attestations (client/), so a sandbox that shows other numbers than the
 * holders computed is noticed. An attestation says what was run, with which noise, at what price,
 * and carries the ledger heads that hold the charges (rulings 37).
 * @module
 */
import { canonicalBytes } from '../../base/canonical-json.ts';
import type { Digest } from '../../base/hash.ts';
import { combineVector } from '../../he/collective/vector.ts';
import { SANDBOX } from '../frame.ts';
import type { HolderPorts } from '../ports.ts';
import { signAttestation } from './attestation.ts';
import type { CompiledRun } from './compile-run.ts';
import { releaseBody, releaseDigest } from './release.ts';
import type { ReservedRun } from './reserve.ts';
import { decodeShare, type Shared } from './share.ts';

export async function attest(run: Shared, ports: HolderPorts): Promise<Digest> {
  const shares: Uint8Array[] = [];
  for (const holder of run.plan.holders) {
    shares.push(
      holder === ports.holder
        ? run.share
        : decodeShare(await ports.relay.receive('share', holder), run, run.sumDigest),
    );
  }
  const vector = await combineVector(run.sets, run.sum, shares, run.plan.slots, ports.batches);
  return attestVector(run, vector, ports);
}

/** Signs what `vector` releases, and settles the run with it. */
export async function attestVector(
  run: CompiledRun & Pick<ReservedRun, 'own' | 'heads'> & Partial<Pick<Shared, 'images'>>,
  vector: BigInt64Array,
  ports: HolderPorts,
): Promise<Digest> {
  const released = releaseDigest(run, releaseBody(run, vector));
  await ports.relay.send('receipt', SANDBOX, () => {
    const own = { ...run.own, images: run.images };
    const signed = signAttestation(run, ports.holder, own, run.heads, released, ports.key);
    return Promise.resolve(canonicalBytes(signed));
  });
  await ports.ledger.settle(run.run, released);
  return released;
}
