/**
 * Flow 1, the pooled aggregate: different people in each country, one table of noised counts.
 * Read this file first; each step is a file in pooled/, taking only what the previous returned,
 * so that a step cannot be skipped.
 *
 *     holder i                                     sandbox                    every other holder j
 *     agree        plan digest, run key   ───────▶ relays ──────────────────▶ must be equal
 *     mask keys    k_ij sealed to j       ───────▶ relays (cannot read) ────▶
 *     reserve      ledger entry, head     ───────▶ relays ──────────────────▶ seen before i touches data
 *     contribute   c0_i = Enc(noised + r_i) ─────▶ adds ────────────────────▶ recomputes the sum
 *     share        h_i = c1·s_i + smudging ──────▶ round(t/q·(Σ c0_i + Σ h_i)) = noised vector
 *     attest       signs the release       ───────▶ enters it in the log of the study
 *     (co-sign)    the log extends the last ─────▶ release, receipt with the co-signed checkpoint
 *
 * Adversary   the sandbox may read and malform everything it relays; the analyst may collude with
 *             the sandbox and with all holders but one; holders are semi-honest towards each
 *             other. With every key, mask and share public, what is left is each holder's vector
 *             with that holder's full noise (rulings 1): the guarantee rests on the noise,
 *             encryption hides each holder's noised part from the sandbox.
 * Leakage     to the sandbox: who asks what, sizes, timing; then the release. To a holder: the
 *             same, and with its own noised part the noised sum of the others: of two holders
 *             each learns the other's noised part. A by-holder table is public noised part by part: there encryption buys only
 *             all-or-nothing release and a relay that is blind before it (rulings 8).
 * Not given   a holder that deviates can shift the result unnoticed (no proof of its input).
 *
 * Nothing touches data before every holder's signed, durable reservation is there; nothing
 * un-noised is ever encrypted. A crash may waste budget and can never overspend it: every step
 * is durable before its message leaves, so running this function again continues where it was.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { agree } from './pooled/agree.ts';
import { assemble, type Assembled } from './pooled/assemble.ts';
import { attest } from './pooled/attest.ts';
import type { CompiledRun } from './pooled/compile-run.ts';
import { contribute } from './pooled/contribute.ts';
import { exchangeMaskKeys } from './pooled/mask-keys.ts';
import { reserve } from './pooled/reserve.ts';
import { share } from './pooled/share.ts';
import type { HolderPorts, SandboxPorts } from './ports.ts';

/** Steps, as SQL LIKE patterns, that hold keys of one run: deleted when it has ended (rulings 3). */
export const SECRET_STEPS: readonly string[] = ['run-key', 'mask-key/%'];

/** A holder's part of one run; returns the digest of the release it attested. */
export async function holdPooledAggregate(run: CompiledRun, ports: HolderPorts): Promise<Digest> {
  const agreed = await agree(run, ports);
  using _runKey = agreed.runKey;
  const masked = await exchangeMaskKeys(agreed, ports);
  try {
    const reserved = await reserve(masked, ports);
    const contributed = await contribute(reserved, ports);
    const shared = await share(contributed, ports);
    return await attest(shared, ports);
  } finally {
    for (const key of masked.maskKeys.values()) key[Symbol.dispose]();
  }
}

/**
 * The sandbox's part: add, combine, collect what `identities` attest and co-sign. It holds no key and
 * sees no exact value.
 */
export const assemblePooledAggregate: (
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
) => Promise<Assembled> = assemble;
