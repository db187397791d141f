/** The sandbox's side of a run: pooled, inside one holder, or linked with records open for as long as the run may need them. @module */
import { Refusal } from '../base/errors.ts';
import { systemRng } from '../base/rng.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { assembleInside } from '../flows/inside-holder.ts';
import { assembleLinked } from '../flows/linked/assemble.ts';
import type { Assembled } from '../flows/pooled/assemble.ts';
import type { CompiledRun } from '../flows/pooled/compile-run.ts';
import { assemblePooledAggregate } from '../flows/pooled-aggregate.ts';
import type { SandboxPorts } from '../flows/ports.ts';
import type { SharedRecords } from './shared-records.ts';

export async function assembleRun(
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
  records: SharedRecords,
): Promise<Assembled> {
  if (run.plan.inside !== undefined) return assembleInside(run, identities, ports);
  if (run.plan.link === undefined) return assemblePooledAggregate(run, identities, ports);
  const ended = new AbortController();
  try {
    await records.open(run.run, run.plan.holders);
    return await assembleLinked(run, identities, {
      ...ports,
      rng: systemRng,
      records: (holder) => records.channel(run.run, holder, ended.signal),
    });
  } finally {
    ended.abort(new Refusal('RUN_INCOMPLETE', 'the run is over'));
    await records.close(run.run);
  }
}
