/**
 * The sandbox's side of a linked run: it pairs tokens and deals shares over channels that live in memory, then waits for
 * what the holders sign, as in every flow. Run again after a crash, it has nothing to pair: the holders
 * find their channels gone and end the run, or have come to their vector already.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../../psi/channel.ts';
import { type Assembled, collectAttestations, reservedHeads } from '../pooled/assemble.ts';
import type { CompiledRun } from '../pooled/compile-run.ts';
import type { SandboxPorts } from '../ports.ts';
import { alignLists } from './align.ts';
import { readVector } from './hold.ts';
import { linkedPlan, linkOf } from './plan.ts';
import { framed } from './records.ts';

export type LinkedSandboxPorts = SandboxPorts & {
  readonly rng: Rng;
  /** The sandbox's end of the records of this run with a holder. */
  readonly records: (holder: string) => Channel;
};

export async function assembleLinked(
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: LinkedSandboxPorts,
): Promise<Assembled> {
  const { relay, progress, records, rng } = ports;
  const { groups, values } = linkOf(run.plan).holders;

  const heads = await reservedHeads(run, ports);
  await progress('computing');
  const ends = { groups: framed(records(groups)), values: framed(records(values)) };
  // A vector that is there already, or a refusal, ends the wait for tokens that will not come.
  const shown = relay.receive('contribution', groups);
  const aligned = alignLists(linkedPlan(run.plan), ends, rng).catch((cause: unknown) => {
    // What was taken out of a channel cannot be taken again: no fault here is worth another try.
    throw new Refusal('RUN_INCOMPLETE', 'alignment', undefined, { cause });
  });
  await Promise.race([aligned, shown]);
  await progress('sharing');
  const vector = readVector(await shown, run.plan.values);
  return collectAttestations(run, vector, heads, identities, ports);
}
