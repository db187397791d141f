/**
 * Flow 2, the linked aggregate: the same people seen by two holders. A knows the groups of a person, B the
 * values; released is Σ g·v over people in both cohorts, with noise, and nobody is told who they are.
 * Read this file first; each step is a file in linked/, taking only what the previous returned.
 *
 *     holder A (groups)                     sandbox S                     holder B (values)
 *     reserve    plan, charge, head ──────▶ relays ◀───────────────────── plan, charge, head
 *     tokens     ◀─────── number and seed of dummies, two VOLE-OPRFs (sealed) ───────▶
 *                L tokens, shuffled ──────▶            ◀───────────────── L tokens, shuffled
 *     align      ◀──────── seed of a ────── pairs rows, m = a + b ──────▶ bijection, b
 *     check      ◀── coin, Enc_A(a, α), Σ r(m² − m) + s·m(α − β) = 0 (sealed) ──▶
 *     answer     Enc_A(a∘g), Enc_A(g) ────────── (sealed) ──────────────▶ ⟨a∘g, v⟩ + ⟨g, b∘v⟩ + noise of B
 *                opens, adds noise of A ──▶ release ────────────────────▶
 *
 * Adversary   holders semi-honest. S may deviate in every way, together with the analyst and with one holder.
 *             Nothing that S made is ever decrypted: it deals numbers, which the holders use as plaintexts
 *             and check. Of the pairs that are there it can leave some out, unnoticed, so that a result can be too small;
 *             it can add none, weigh none and join no strangers (error below 2^-76; psi/tokens/mask-check.ts).
 * S learns    list lengths L (public), the noised cardinality, then the release. Its view of tokens is a
 *             uniformly random pattern with as many pairs as people in common plus dummies. Two cohorts
 *             that differ in one matched person are alike to it with one dummy more in its place: the law of
 *             dummies charges that with (ε, delta). Given the pattern, all that S decides is the same in both,
 *             and the result differs by that one pair: the sensitivity that the values are charged with.
 *             Without the check of tokens this would fail: strangers joined by rules on who matched move three pairs.
 * A learns    each cell with B's whole noise, and the release; not who matched (a is uniform, its order is its own).
 * B learns    the release; not who matched (b is uniform; the bijection is, as A's shuffle is secret).
 * S and one   which of that holder's rows matched, exactly: a disclosure by agreement without a number
 * holder      (rulings 21). About the other holder's people that do not match it learns their number at most. Of the
 *             values or groups of matched people it learns sums with the other holder's whole noise.
 * Assumption  those of psi/vole (CDH on P-256, dual LPN, random oracles), RLWE at n = 8192 with 128 bits, AES.
 *             Base OTs are not post-quantum (rulings 30).
 * Not given   proof of inputs: a holder that deviates can shift the result, and A could encrypt other weights.
 *             A run is attempted once: run again with the same noise, S could subtract two results.
 * Timing      the first message that depends on rows leaves at the plan's deadline; after it the work follows
 *             from public numbers, but for hash tables and sums on a holder's own rows, which are not constant time.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import { alignLists, receiveAlignment, receiveSeed, type SandboxChannels } from './linked/align.ts';
import { answer, openAnswers, receiveCells } from './linked/answer.ts';
import { checkMaskOfGroups, checkMaskOfValues } from './linked/check.ts';
import type { LinkedPlan } from './linked/plan.ts';
import type { GroupedCohort, LinkedPorts, LinkedRun, MeasuredCohort } from './linked/ports.ts';
import { type LinkedRelease, linkedRelease, record } from './linked/release.ts';
import { reserve } from './linked/reserve.ts';
import { RunKey } from './linked/run-key.ts';
import { listGroups, listValues } from './linked/tokens.ts';
import { KIND } from './linked/wire.ts';

export type Linked = { readonly release: LinkedRelease; readonly digest: Digest };

/** A's part: it knows the groups, opens the noised answers and sends the release. */
export async function holdLinkedGroups(
  run: LinkedRun,
  ports: LinkedPorts<GroupedCohort>,
): Promise<Linked> {
  const reserved = await reserve(run, ports);
  const listed = await listGroups(reserved, ports);
  const aligned = await receiveSeed(listed);
  using key = new RunKey(run.run, ports.rng);
  const checked = await checkMaskOfGroups(aligned, key, ports.rng);
  const noised = await openAnswers(checked, ports.noise);
  return await record(reserved, noised, ports);
}

/** B's part: it knows the values and multiplies. */
export async function holdLinkedValues(
  run: LinkedRun,
  ports: LinkedPorts<MeasuredCohort>,
): Promise<Linked> {
  const reserved = await reserve(run, ports);
  const listed = await listValues(reserved, ports);
  const aligned = await receiveAlignment(listed);
  const checked = await checkMaskOfValues(aligned, ports.rng);
  const noised = await answer(checked, ports.noise, ports.rng);
  return record(reserved, noised, ports);
}

/** The sandbox's part: it pairs tokens, deals shares, and is told the release. */
export async function alignLinked(
  plan: LinkedPlan,
  channels: SandboxChannels,
  rng: Rng,
): Promise<LinkedRelease> {
  const { groups } = await alignLists(plan, channels, rng);
  const noised = await receiveCells(plan, (bytes) => groups.receive(KIND.released, bytes));
  return linkedRelease(plan, noised);
}
