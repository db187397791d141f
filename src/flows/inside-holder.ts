/**
 * Inside one holder: what a mechanism chooses from exact values that this holder alone has. Read
 * this file first; the steps around the middle one are those of the pooled flow, in pooled/.
 *
 *     holder                                      sandbox
 *     agree        plan digest            ──────▶ (stewards approve, where the study says so)
 *     reserve      rho and delta, head    ──────▶ relays
 *     choose       counts, draws, keeps; at the deadline:
 *                  what was chosen        ──────▶ makes the table of it
 *     attest       signs the release      ──────▶ enters it in the log of the study
 *     (co-sign)    the log extends the last ────▶ release, receipt with the co-signed checkpoint
 *
 * Adversary   everybody outside this holder's process, together. The guarantee is that of the mechanism
 *             alone (dp/mechanism): nobody adds noise to it and nobody hides it, so that a coalition and an
 *             outsider learn the same, the release.
 * Leakage     the release. What is sent is that and nothing else, signed in a frame; there is no other
 *             holder to hide it from until it is released, so it is not encrypted under a collective key
 *             (rulings 1: an exact value never is).
 * Not given   a holder that deviates can say that anything was chosen.
 * Timing      drawing takes a time that depends on what is drawn from; what is chosen leaves at the plan's
 *             deadline (rulings 15).
 * @module
 */
import type { PublicKeyText } from '../base/sign.ts';
import { refuseAs } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { untilDeadline } from './deadline.ts';
import { EVERYONE } from './frame.ts';
import type { InsidePorts } from './inside-ports.ts';
import { agree } from './pooled/agree.ts';
import { type Assembled, collectAttestations, reservedHeads } from './pooled/assemble.ts';
import { attestVector } from './pooled/attest.ts';
import type { CompiledRun } from './pooled/compile-run.ts';
import { vectorOnce } from './pooled/kept-vector.ts';
import { exchangeMaskKeys } from './pooled/mask-keys.ts';
import { programEvidence } from './pooled/program-evidence.ts';
import { type ReservedRun, reserve } from './pooled/reserve.ts';
import { decodeVector, encodeVector } from './pooled/vector.ts';
import type { SandboxPorts } from './ports.ts';

/** Of the time to the deadline: when work on rows ends at the latest. */
const COHORT_SHARE = 3 / 4;

/** Chooses, keeps it before anything leaves, and shows it at the deadline. */
async function choose(run: ReservedRun, ports: InsidePorts): Promise<BigInt64Array> {
  const { clock, relay, coins, chooser } = ports;
  const start = clock.now().getTime();
  const milliseconds = run.plan.deadlineSeconds * 1000;
  const giveUp = new Date(start + COHORT_SHARE * milliseconds);
  // The choice kept under this run's key, or a new one: the only place where data is touched.
  const vector = await vectorOnce(run, ports, () =>
    chooser.chosen(run.plan, coins.coins(run.ticket), giveUp),
  );
  await relay.send('contribution', EVERYONE, async () => {
    await untilDeadline(clock, new Date(start + milliseconds), milliseconds);
    return encodeVector(vector);
  });
  return vector;
}

/** The holder's part of one run; returns the digest of the release it attested. */
export async function holdInside(run: CompiledRun, ports: InsidePorts): Promise<Digest> {
  const agreed = await agree(run, ports);
  using _runKey = agreed.runKey;
  const reserved = await reserve(await exchangeMaskKeys(agreed, ports), ports);
  const images = await programEvidence(reserved, ports);
  return await attestVector({ ...reserved, images }, await choose(reserved, ports), ports);
}

/** The sandbox's part. */
export async function assembleInside(
  run: CompiledRun,
  identities: ReadonlyMap<string, PublicKeyText>,
  ports: SandboxPorts,
): Promise<Assembled> {
  const heads = await reservedHeads(run, ports);
  await ports.progress('computing');
  const [holder = ''] = run.plan.holders;
  const body = await ports.relay.receive('contribution', holder);
  await ports.progress('sharing');
  const vector = refuseAs('MALFORMED_MESSAGE', 'chosen vector', () =>
    decodeVector(body, run.plan.values),
  );
  return collectAttestations(run, vector, heads, identities, ports);
}
