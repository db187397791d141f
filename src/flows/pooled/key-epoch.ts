/**
 * Epochs of a study's collective key (rulings 6): a key serves 2^20 ciphertexts, then a new one begins.
 *
 * The sandbox, which sees every run, proposes the epoch with the query; it is part of the key id, the key
 * id of the run id (rulings 2, 4), and so holders that take part in one run are in one epoch. Each
 * of them checks it against what it counted itself, durably and before anything leaves:
 *
 *     older than an epoch it has entered     refused: a key that ended is never used again
 *     more than 2^20 ciphertexts with this   refused
 *     else                                   counted for this run, once, whether a share follows or not
 *
 * A refusal is free, names the epoch that this holder would enter, and the next attempt has it. The
 * ciphertexts of all parameter sets are counted together, which is stricter than a count for each.
 * A sandbox that proposes epochs too early costs a fresh key share each and gains nothing.
 * @module
 */
import { type Keys, vectorCiphertexts } from '../../he/collective/vector.ts';
import type { HolderPorts } from '../ports.ts';
import type { CompiledRun } from './compile-run.ts';

/** Refuses with KEY_EPOCH. Idempotent by run. */
export const enterEpoch = (
  { run, key, sets, plan }: CompiledRun,
  { keys }: Pick<HolderPorts, 'keys'>,
): Promise<void> => keys.enter(key, run, vectorCiphertexts(sets, plan.slots));

/** This holder's share of the key under each parameter set of a run. */
export async function keySharesOf(
  { key, run, sets }: CompiledRun,
  { keys }: Pick<HolderPorts, 'keys'>,
): Promise<Keys> {
  const shares = await Promise.all(sets.map((parameters) => keys.share(key, parameters)));
  return { shares, run };
}
