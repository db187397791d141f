/** What an adversary reads from a transcript once every key and mask of a run is public. */
import { type Cbor, decodeCbor } from '../../src/base/codec.ts';
import { decodeContribution } from '../../src/flows/pooled/contribution.ts';
import type { CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import { combineShares } from '../../src/he/collective/combine.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { zeroSumMask } from '../../src/he/collective/masks.ts';
import { open } from '../../src/base/seal.ts';
import { type Secret } from '../../src/base/secret.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Vault } from '../../src/base/vault.ts';
import { sealContext } from '../../src/flows/frame.ts';
import { splitPacked, pack } from '../../src/he/ring/pack.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import type { LabHolder, PooledLab } from './pooled-lab.ts';

/** The masked slots of `holder`: its ciphertext opened with its own key share, masks still on. */
export async function maskedSlots(
  lab: PooledLab,
  run: CompiledRun,
  holder: LabHolder,
): Promise<BigInt64Array> {
  const [parameters] = run.sets;
  if (parameters === undefined) throw new Error('no parameter set');
  const frame = lab.network.transcript.find(
    (f) => f.run === run.run && f.kind === 'contribution' && f.from === holder.name,
  );
  if (frame === undefined) throw new Error(`${holder.name} sent no contribution`);
  const fields = decodeCbor(frame.body) as readonly Cbor[];
  const head = { sequence: fields[8] as number, hash: fields[9] as string };
  const ciphertext = decodeContribution(frame.body, run, head);
  const count = splitPacked(parameters, ciphertext).length;
  const share = decryptionShare(
    parameters,
    await holder.keys.share(run.key, parameters),
    run.run,
    count,
    systemRng,
  );
  // A second, empty share: combining wants two, and zero adds nothing.
  const zero = pack(
    parameters,
    ringOf(parameters).coefficients(() => new Uint32Array(parameters.n)),
  );
  const zeros = new Uint8Array(count * zero.length);
  for (let i = 0; i < count; i++) zeros.set(zero, i * zero.length);
  return combineShares(parameters, ciphertext, [share, zeros], run.plan.slots);
}

/** k_ij of two holders, from the frame that carried it and the receiver's leaked run key. */
async function maskKey(
  lab: PooledLab,
  run: CompiledRun,
  a: LabHolder,
  b: LabHolder,
): Promise<Secret> {
  const [from, to] = a.name < b.name ? [a, b] : [b, a];
  const frame = lab.network.transcript.find(
    (f) => f.run === run.run && f.kind === 'mask-key' && f.from === from.name && f.to === to.name,
  );
  const stored = to.steps.stored.get(`${run.run}/run-key`);
  if (frame === undefined || stored === undefined) throw new Error('no mask key');
  const [, locked] = decodeCbor(stored) as readonly [Uint8Array, Uint8Array];
  const runKey = new Vault(to.key, systemRng).unlock(`run-key ${run.run}`, locked);
  const context = sealContext({
    study: run.study,
    run: run.run,
    flow: 'pooled-aggregate',
    from: from.name,
    to: to.name,
    sequence: frame.sequence,
    kind: 'mask-key',
  });
  return open(runKey, context, frame.body);
}

/** The vector of `holder` with every key, mask and share public: what the noise alone protects. */
export async function unmaskedSlots(
  lab: PooledLab,
  run: CompiledRun,
  holder: LabHolder,
): Promise<BigInt64Array> {
  const peers = new Map<string, Secret>();
  for (const other of lab.holders) {
    if (other !== holder) peers.set(other.name, await maskKey(lab, run, holder, other));
  }
  const mask = zeroSumMask(holder.name, peers, run.run, run.planDigest, run.plan.slots);
  const masked = await maskedSlots(lab, run, holder);
  return masked.map((value, slot) => BigInt.asIntN(32, value - BigInt(mask[slot] ?? 0)));
}
