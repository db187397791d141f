/**
 * Step 1: every holder compiled the same plan from the signed query (rulings 10), is in the key
 * epoch of the run (key-epoch.ts), and gives the others a key of this run to which mask keys can be
 * sealed.
 * @module
 */
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { generateSealKeyPair } from '../../base/seal.ts';
import type { Digest } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import { EVERYONE } from '../frame.ts';
import type { HolderPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';
import { enterEpoch } from './key-epoch.ts';

/** Every holder is known to have compiled `planDigest`. */
export type Agreed = CompiledRun & {
  readonly step: 'agreed';
  readonly others: readonly string[];
  readonly runKey: Secret;
  readonly runKeys: ReadonlyMap<string, Uint8Array>;
  /** The newest ledger head of each other holder that was seen before this run. */
  readonly headsBefore: ReadonlyMap<string, LedgerHead | undefined>;
};

export async function agree(run: CompiledRun, ports: HolderPorts): Promise<Agreed> {
  const { relay, steps, vault } = ports;
  const others = run.plan.holders.filter((name) => name !== ports.holder);
  // Nothing is encrypted inside one holder.
  if (run.plan.inside === undefined) await enterEpoch(run, ports);

  // Taken before the plan leaves: a reservation for this run is made after it, so its head is newer.
  const headsBefore = new Map<string, LedgerHead | undefined>();
  for (const other of others) headsBefore.set(other, await headBefore(run.run, other, ports));
  await relay.send('plan', EVERYONE, () => Promise.resolve(utf8(run.planDigest)));

  // The private half outlives a crash, locked, because a mask key may already be sealed to it.
  const label = `run-key ${run.run}`;
  const stored = await steps.once(run.run, 'run-key', async () => {
    const pair = await generateSealKeyPair();
    using secret = pair.privateKey;
    return encodeCbor([pair.publicKey, vault.lock(label, secret.expose())]);
  });
  const pair = decodeCbor(stored) as readonly [Uint8Array, Uint8Array];
  await relay.send('run-key', EVERYONE, () => Promise.resolve(pair[0]));

  const runKeys = new Map<string, Uint8Array>();
  for (const other of others) {
    const theirs = fromUtf8(await relay.receive('plan', other));
    check(theirs === run.planDigest, 'PLAN_MISMATCH', `holder ${other}`);
    runKeys.set(other, await relay.receive('run-key', other));
  }
  return {
    ...run,
    step: 'agreed',
    others,
    runKey: vault.unlock(label, pair[1]),
    runKeys,
    headsBefore,
  };
}

async function headBefore(
  run: Digest,
  holder: string,
  { steps, mirrors }: HolderPorts,
): Promise<LedgerHead | undefined> {
  const stored = await steps.once(run, `head-before/${holder}`, async () => {
    const head = await mirrors.last(holder);
    return encodeCbor(head === undefined ? [] : [head.sequence, head.hash]);
  });
  const [sequence, hash] = decodeCbor(stored) as readonly [number?, Digest?];
  return sequence === undefined || hash === undefined ? undefined : { sequence, hash };
}
