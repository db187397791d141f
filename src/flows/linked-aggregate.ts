/**
 * Flow 2, the linked aggregate: the same people seen by two holders. A knows the groups of a person, B the
 * values; released is Σ g·v over people in both cohorts, with noise, and nobody is told who they are.
 * Read this file first; each step is a file in linked/ (the first three and the last are those of the pooled
 * flow, in pooled/), taking only what the previous returned.
 *
 *     holder A (groups)                     sandbox S                     holder B (values)
 *     agree      plan digest, run key ─────▶ relays ◀────────────────────── plan digest, run key
 *     channel    ◀───────────── key of the pair (sealed; then every record between A and B) ─────────────▶
 *     reserve    charge, head ─────────────▶ relays ◀────────────────────── charge, head
 *     begin      durable: from here to the vector a run is attempted once
 *     tokens     ◀─────── number and seed of dummies, two VOLE-OPRFs (sealed) ───────▶
 *                L tokens, shuffled ──────▶            ◀───────────────── L tokens, shuffled
 *     align      ◀──────── seed of a ────── pairs rows, m = a + b ──────▶ bijection, b
 *     check      ◀── coin, Enc_A(a, α), Σ r(m² − m) + s·m(α − β) = 0 (sealed) ──▶
 *     answer     Enc_A(a∘g), Enc_A(g) ────────── (sealed) ──────────────▶ ⟨a∘g, v⟩ + ⟨g, b∘v⟩ + noise of B
 *                opens, adds noise of A ──▶ vector ─────────────────────▶
 *     disclose   ◀── only where study and query say so: set, cardinality or ids, to both holders (sealed) ──▶
 *     attest     receipt over the release ─▶ release ◀───────────────────── receipt
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
 * holder      (rulings 21), which the study's linkage clause signs. About the other holder's people that do not match it
 *             learns their number at most. Of the values or groups of matched people it learns sums with the other
 *             holder's whole noise.
 * Disclosed   by agreement, where study and query say so: to A and B, exactly, what linked/disclose.ts names. No amount
 *             stands for it (rulings 21).
 * Assumption  those of psi/vole (CDH on P-256, dual LPN, random oracles), RLWE at n = 8192 with 128 bits, AES.
 *             Base OTs are not post-quantum (rulings 30).
 * Not given   proof of inputs: a holder that deviates can shift the result, and A could encrypt other weights.
 *             A run is attempted once: run again with the same noise, S could subtract two results.
 * Timing      the first message that depends on rows leaves at the plan's deadline; after it the work follows
 *             from public numbers, but for hash tables and sums on a holder's own rows, which are not constant time.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import { groupsVector, valuesVector } from './linked/hold.ts';
import { linkOf } from './linked/plan.ts';
import type { LinkedPorts } from './linked/ports.ts';
import { agree } from './pooled/agree.ts';
import { attestVector } from './pooled/attest.ts';
import type { CompiledRun } from './pooled/compile-run.ts';
import { exchangeMaskKeys } from './pooled/mask-keys.ts';
import { reserve } from './pooled/reserve.ts';

/** A holder's part of one linked run; returns the digest of the release it attested. */
export async function holdLinkedAggregate(run: CompiledRun, ports: LinkedPorts): Promise<Digest> {
  const { groups } = linkOf(run.plan).holders;
  const agreed = await agree(run, ports);
  using _runKey = agreed.runKey;
  const keyed = await exchangeMaskKeys(agreed, ports);
  try {
    const reserved = await reserve(keyed, ports);
    const vector =
      ports.holder === groups
        ? await groupsVector(reserved, ports)
        : await valuesVector(reserved, ports);
    return await attestVector(reserved, vector, ports);
  } finally {
    for (const key of keyed.maskKeys.values()) key[Symbol.dispose]();
  }
}
