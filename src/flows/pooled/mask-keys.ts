/**
 * Step 2: a fresh key for every pair of holders, from which the zero-sum masks of this run are
 * expanded (rulings 3), or of a linked run the keys of their channel. The holder with the smaller name draws it and seals it to the other's
 * run key; the sandbox relays bytes that it cannot open.
 * @module
 */
import { check } from '../../base/errors.ts';
import { open, seal } from '../../base/seal.ts';
import type { Secret } from '../../base/secret.ts';
import { drawsMaskKey, MASK_KEY_BYTES } from '../../he/collective/masks.ts';
import { type FrameKind, sealContext } from '../frame.ts';
import type { HolderPorts } from '../ports.ts';
import type { Agreed } from './agree.ts';

export type Masked = Omit<Agreed, 'step'> & {
  readonly step: 'masked';
  /** k_ij by the name of the other holder. */
  readonly maskKeys: ReadonlyMap<string, Secret>;
};

const KIND: FrameKind = 'mask-key';

/** A mask key is the first and only frame from one holder to one other in a run. */
const sealedFor = ({ study, run, key }: Agreed, from: string, to: string): Uint8Array =>
  sealContext({ study, run, flow: key.flow, from, to, sequence: 1, kind: KIND });

export async function exchangeMaskKeys(agreed: Agreed, ports: HolderPorts): Promise<Masked> {
  const maskKeys = new Map<string, Secret>();
  for (const other of agreed.others) {
    maskKeys.set(
      other,
      drawsMaskKey(ports.holder, other)
        ? await give(agreed, other, ports)
        : await take(agreed, other, ports),
    );
  }
  return { ...agreed, step: 'masked', maskKeys };
}

async function give(agreed: Agreed, other: string, ports: HolderPorts): Promise<Secret> {
  const { run, runKeys } = agreed;
  const label = `mask-key ${run} ${other}`;
  const locked = await ports.steps.once(run, `mask-key/${other}`, () =>
    Promise.resolve(ports.vault.lock(label, ports.rng(MASK_KEY_BYTES))),
  );
  const key = ports.vault.unlock(label, locked);
  const context = sealedFor(agreed, ports.holder, other);
  await ports.relay.send(KIND, other, () =>
    seal(runKeys.get(other) ?? new Uint8Array(0), context, key.expose()),
  );
  return key;
}

async function take(agreed: Agreed, other: string, ports: HolderPorts): Promise<Secret> {
  const sealed = await ports.relay.receive(KIND, other);
  const key = await open(agreed.runKey, sealedFor(agreed, other, ports.holder), sealed);
  check(key.expose().length === MASK_KEY_BYTES, 'MALFORMED_MESSAGE', `mask key of ${other}`);
  return key;
}
