/**
 * Steps 3 to 5 of the linked aggregate without the oblivious functions and without ledgers: tokens are hashes
 * of identifiers here, so that a sandbox that deviates can be tried in a tenth of a second.
 */
import { sha256, sha256Hex } from '../../../src/base/hash.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { systemRng } from '../../../src/base/rng.ts';
import {
  type Aligned,
  deal,
  receiveAlignment,
  receiveSeed,
  type SandboxFrames,
} from '../../../src/flows/linked/align.ts';
import { answer, openAnswers } from '../../../src/flows/linked/answer.ts';
import { checkMaskOfGroups, checkMaskOfValues } from '../../../src/flows/linked/check.ts';
import type { LinkedPlan } from '../../../src/flows/linked/plan.ts';
import { RunColumns, RunKey } from '../../../src/flows/linked/run-key.ts';
import type { Listed } from '../../../src/flows/linked/tokens.ts';
import { KIND } from '../../../src/flows/linked/wire.ts';
import type { Noise } from '../../../src/flows/ports.ts';
import { Frames } from '../../../src/psi/frames.ts';
import { align, type Alignment } from '../../../src/psi/tokens/alignment.ts';
import { shareMask } from '../../../src/psi/tokens/mask-shares.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { Rational } from '../../../src/base/rational.ts';
import { dummyLaw } from '../../../src/dp/mechanism/dummies.ts';
import { pair } from '../../support/linked-lab.ts';

export const ROWS = 8;

/** Rows 0 to 3 of A are rows 4 to 7 of B; all have a value and a group. Shuffling is not the matter here. */
export const plan: LinkedPlan = {
  declaredSize: ROWS,
  length: ROWS,
  dummies: dummyLaw(Rational.of(1, 2), Rational.of(1, 100_000_000)),
  cells: 2,
  columns: [
    { bound: 1n, variance: Rational.of(10) },
    { bound: 400n, variance: Rational.of(1_600_000) },
  ],
  noise: [
    { variance: Rational.of(10), count: 2 },
    { variance: Rational.of(1_600_000), count: 2 },
  ],
  deadlineSeconds: 1,
};
const token = (name: string): Uint8Array => sha256(utf8(name)).subarray(0, 16);
const tokensOf = (from: number): Uint8Array =>
  Uint8Array.from({ length: 16 * ROWS }, (_, k) => token(`p${from + (k >> 4)}`)[k & 15] ?? 0);

export const GROUPS = [
  [1, 0, 1, 0, 1, 0, 1, 0],
  [0, 1, 0, 1, 0, 1, 0, 1],
];
export const VALUES = [
  [1, 1, 1, 1, 1, 1, 1, 1],
  [10, 20, 30, 40, 50, 60, 70, 80],
];

/** What the protocol says: rows of B 4 to 7 at positions 0 to 3, the others anywhere else. */
export const honestAlignment = (): Alignment => align(tokensOf(4), tokensOf(0), systemRng);

/** What a sandbox deals: a position for each row of B, and a weight for each position of A. */
export type Dealt = { readonly positions: Uint32Array; readonly mask: ArrayLike<number> };
export type Dealer = (frames: SandboxFrames) => Promise<void>;

export const dealing =
  ({ positions, mask }: Dealt): Dealer =>
  (frames) =>
    deal(frames, positions, shareMask(mask, systemRng));

/** A plan with what A and B know of their rows, row by row of each. */
export type World = {
  readonly plan: LinkedPlan;
  readonly groups: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
};

type Options = {
  readonly noiseOfA?: Noise;
  readonly noiseOfB?: Noise;
  readonly checked?: boolean;
  readonly world?: World;
};

const WORLD: World = { plan, groups: GROUPS, values: VALUES };

/** The vector that is released, column by column, or the refusal of whoever refuses first. */
export async function released(
  dealer: Dealer,
  { noiseOfA = ExactNoise, noiseOfB = ExactNoise, checked = true, world = WORLD }: Options = {},
): Promise<readonly number[]> {
  const [peer, left, right] = [pair(), pair(), pair()];
  const run = sha256Hex(systemRng(32));
  const stateOf = (
    end: 0 | 1,
    sandbox: typeof left,
    from: number,
    vectors: World['groups'],
  ): Listed => ({
    ...{ run, plan: world.plan, step: 'listed' },
    ticket: (end === 0 ? noiseOfA : noiseOfB).ticket(world.plan.noise),
    peer: new Frames(peer.ends[end]),
    sandbox: new Frames(sandbox.ends[0]),
    tokens: tokensOf(from),
    vectors: vectors.map((vector) => Float64Array.from(vector)),
    keys: [],
  });
  const ending = <T>(party: Promise<T>): Promise<T> =>
    party.catch((error: unknown) => {
      for (const line of peer.lines) line.end(error as Error);
      throw error;
    });
  const ofA = async (): Promise<BigInt64Array> => {
    const aligned = await receiveSeed(stateOf(0, left, 4, world.groups));
    using key = new RunKey(run, systemRng);
    const state = checked
      ? await checkMaskOfGroups(aligned, key, systemRng)
      : await skipA(aligned, key);
    return await openAnswers(state, noiseOfA);
  };
  const ofB = async (): Promise<void> => {
    const aligned = await receiveAlignment(stateOf(1, right, 0, world.values));
    const state = checked ? await checkMaskOfValues(aligned, systemRng) : await skipB(aligned);
    await answer(state, noiseOfB, systemRng);
  };
  const frames = { groups: new Frames(left.ends[1]), values: new Frames(right.ends[1]) };
  const [cells] = await Promise.all([ending(ofA()), ending(ofB()), dealer(frames)]);
  return Array.from(cells, Number);
}

/** A flow without step 4, for positive controls. */
async function skipA(aligned: Aligned, key: RunKey) {
  await aligned.peer.send(KIND.publicKey, key.publicBytes);
  return { ...aligned, step: 'checked' as const, key };
}

async function skipB(aligned: Aligned) {
  const bytes = await aligned.peer.receive(KIND.publicKey, 219_136);
  return { ...aligned, step: 'checked' as const, columns: new RunColumns(aligned.run, bytes) };
}
