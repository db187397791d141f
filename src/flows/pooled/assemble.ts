/**
 * The sandbox's side of a run: waits for what the holders sign, adds, combines, and records the
 * release with every holder's attestation, in the log that all of them co-sign. The heavy parts are
 * jobs: pure functions of blobs.
 * @module
 */
import type { SignedAttestation } from '../../audit/receipt.ts';
import { checkCosigned, type Cosignature, readNote, writeNote } from '../../audit/checkpoint.ts';
import type { LogProof } from '../../audit/log-proof.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import { joinVector } from '../../he/collective/vector.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import type { Entered, SandboxPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import { decodeContribution } from './contribution.ts';
import { checkAttestation, releaseEntry } from './attestation.ts';
import { type ReleaseBody, releaseBody, releaseDigest } from './release.ts';
import { decodeReservation } from './reservation.ts';
import { decodeShare } from './share.ts';

export type Assembled = {
  readonly body: ReleaseBody;
  readonly released: Digest;
  readonly attestations: readonly SignedAttestation[];
  /** That the release is in the log of the study, co-signed. */
  readonly log: LogProof;
};

/**
 * By holder, the head of its ledger behind its reservation of this run. Where a study says so, its stewards
 * approve the plan first.
 */
export async function reservedHeads(
  run: CompiledRun,
  { relay, progress }: Pick<SandboxPorts, 'relay' | 'progress'>,
): Promise<Map<string, LedgerHead>> {
  const { holders } = run.plan;
  if (run.approvals > 0) {
    await progress('waiting for approval');
    // A holder shows its plan when its stewards have approved it.
    for (const holder of holders) await relay.receive('plan', holder);
  }
  await progress('reserving');
  const heads = new Map<string, LedgerHead>();
  for (const holder of holders) {
    heads.set(holder, decodeReservation(await relay.receive('reservation', holder), run).head);
  }
  return heads;
}

export async function assemble(
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
): Promise<Assembled> {
  const { relay, blobs, jobs, progress } = ports;
  const { holders } = run.plan;

  const heads = await reservedHeads(run, ports);

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

  const vector = joinVector(run.sets, await blobs.get(combined), run.plan.slots);
  return collectAttestations(run, vector, heads, identities, ports);
}

/** What `vector` releases, once every holder of the run has attested it and it is in the log. */
export async function collectAttestations(
  run: CompiledRun,
  vector: BigInt64Array,
  heads: ReadonlyMap<string, LedgerHead>,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
): Promise<Assembled> {
  const { relay } = ports;
  const body = releaseBody(run, vector);
  const released = releaseDigest(run, body);
  const attestations: SignedAttestation[] = [];
  const keys = new Map<string, PublicKeyText>();
  for (const holder of run.plan.holders) {
    const identity = identities.get(holder);
    check(identity !== undefined, 'IDENTITY_NOT_PINNED', `holder ${holder}`);
    keys.set(holder, identity);
    const said = await relay.receive('receipt', holder);
    attestations.push(checkAttestation(said, run, holder, heads, identity, released));
  }
  const entry = releaseEntry(run, released, attestations, ports.clock.now());
  const entered = await ports.record.release(run.study, run.run, entry);
  const log = await cosigned(keys, entered, ports);
  return { body, released, attestations, log };
}

/** The place of the release in the log, under the checkpoint with a line of every holder. */
async function cosigned(
  identities: ReadonlyMap<string, PublicKeyText>,
  { checkpoint, ...place }: Entered,
  { relay }: SandboxPorts,
): Promise<LogProof> {
  const cosignatures: Cosignature[] = [];
  for (const holder of identities.keys()) {
    const note = readNote(fromUtf8(await relay.receive('cosignature', holder)));
    const line = note.cosignatures.find((one) => one.holder === holder);
    check(line !== undefined, 'MALFORMED_MESSAGE', `cosignature of ${holder}`);
    cosignatures.push(line);
  }
  // Each line is checked over the sandbox's own checkpoint, whatever text came with it.
  const note = { checkpoint, cosignatures };
  checkCosigned(note, identities);
  return { ...place, checkpoint: writeNote(note) };
}
