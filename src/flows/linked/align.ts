/**
 * Step 3: the sandbox names for every row of B a position of A, and deals shares of who matched.
 *
 * A gets a seed, B the bijection and the rest of the mask. From here on nothing that the sandbox made is
 * used but as numbers of its own holder's arithmetic: nothing of it is ever decrypted.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Channel } from '../../psi/channel.ts';
import { Frames } from '../../psi/frames.ts';
import { align, checkBijection } from '../../psi/tokens/alignment.ts';
import {
  expandMaskShare,
  type MaskShares,
  SHARE_SEED_BYTES,
  shareMask,
} from '../../psi/tokens/mask-shares.ts';
import type { Residues } from '../../psi/tokens/prime-field.ts';
import { TOKEN_BYTES } from '../../psi/tokens/token.ts';
import type { LinkedPlan } from './plan.ts';
import type { Listed } from './tokens.ts';
import { KIND, readResidues, receiveLong, residueBytes, residueLength, sendLong } from './wire.ts';

/** A holder with its share of the mask. Everything is by position of A's list. */
export type Aligned = Omit<Listed, 'step'> & {
  readonly step: 'aligned';
  readonly share: Residues;
};

/** A's part. */
export async function receiveSeed(run: Listed): Promise<Aligned> {
  const message = await run.sandbox.receive(KIND.seed, SHARE_SEED_BYTES);
  using seed = new Secret('mask share seed', message);
  return { ...run, step: 'aligned', share: expandMaskShare(seed, run.plan.length) };
}

function placed(values: Residues, positions: Uint32Array): Residues {
  const out = new Float64Array(values.length);
  positions.forEach((at, row) => {
    out[at] = values[row] as number;
  });
  return out;
}

function placedTokens(tokens: Uint8Array, positions: Uint32Array): Uint8Array {
  const out = new Uint8Array(tokens.length);
  positions.forEach((at, row) => {
    out.set(tokens.subarray(row * TOKEN_BYTES, (row + 1) * TOKEN_BYTES), at * TOKEN_BYTES);
  });
  return out;
}

/** B's part. Refuses an alignment in which a person would count twice. */
export async function receiveAlignment(run: Listed): Promise<Aligned> {
  const { length } = run.plan;
  const bytes = await receiveLong(run.sandbox, KIND.alignment, 4 * length);
  const positions = new Uint32Array(bytes.buffer);
  checkBijection(positions);
  const share = readResidues(await receiveLong(run.sandbox, KIND.share, residueLength(length)));
  return {
    ...run,
    step: 'aligned',
    share,
    tokens: placedTokens(run.tokens, positions),
    vectors: run.vectors.map((values) => placed(values, positions)),
  };
}

/** The sandbox's ends of the two holders' channels. */
export type SandboxChannels = { readonly groups: Channel; readonly values: Channel };

export type SandboxFrames = { readonly groups: Frames; readonly values: Frames };

/** What is dealt, to whom: the seed to A, the rest to B. */
export async function deal(
  { groups, values }: SandboxFrames,
  positions: Uint32Array,
  { seed, rest }: MaskShares,
): Promise<void> {
  await groups.send(KIND.seed, seed);
  await sendLong(values, KIND.alignment, new Uint8Array(positions.slice().buffer));
  await sendLong(values, KIND.share, residueBytes(rest));
}

/** The sandbox's part. */
export async function alignLists(
  plan: Pick<LinkedPlan, 'length'>,
  channels: SandboxChannels,
  rng: Rng,
): Promise<void> {
  const frames = { groups: new Frames(channels.groups), values: new Frames(channels.values) };
  const [groups, values] = [
    await receiveLong(frames.groups, KIND.tokens, TOKEN_BYTES * plan.length),
    await receiveLong(frames.values, KIND.tokens, TOKEN_BYTES * plan.length),
  ];
  const { positions, matched } = align(groups, values, rng);
  await deal(frames, positions, shareMask(matched, rng));
}
