/**
 * VOLE-PSI, sender. Learns how many distinct items the receiver has, and nothing else; with `oprfSend`
 * it has the function's outputs on its own items. Paper, diagram, assumptions, leakage: receiver.ts.
 *
 * Adversary   semi-honest only. Masks leave in a uniformly random order: their places tell nothing of
 *             places in the list. Δ, tree seeds and order are fresh for each session, so that outputs of
 *             two sessions have nothing in common.
 * @module
 */
import { Secret } from '../../base/secret.ts';
import { systemRng, type Rng } from '../../base/rng.ts';
import { FixedFactor } from '../../kernels/gf128.ts';
import { GgmForest } from '../../kernels/ggm.ts';
import { WordList } from '../../kernels/match-table.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { distinctItems, type Identifiers, type Items } from '../items.ts';
import { choose } from './base-ot.ts';
import { CODE_SEED_BYTES, NoiseCode } from './code.ts';
import { baseChoices, extendHolder, extensionBytes } from './correlated-ot.ts';
import { binItems, outputHash, place, valuesOf } from './evaluation.ts';
import {
  decodeGreeting,
  encodeGreeting,
  KIND,
  MASKS_A_FRAME,
  type Mode,
  REQUEST_BYTES,
  SEEDS_BYTES,
} from './messages.ts';
import { growGroup, holderTrees, type TreeSizes, treeSizes } from './noise-trees.ts';
import { MOST_ITEMS, TREES, type VoleParameters, voleParameters } from './parameters.ts';
import type { VoleOptions, VoleTokens } from './receiver.ts';
import { permutation } from '../shuffle.ts';

export type VoleSent = {
  /** Rows left out because their identifier occurred before, ascending. */
  readonly duplicates: Uint32Array;
  /** The receiver's distinct items. */
  readonly peerItems: number;
};

type Evaluated = {
  readonly items: Items;
  readonly parameters: VoleParameters;
  /** F(y) of each item, four words. */
  readonly outputs: Uint32Array;
};

/** Grows the trees, sends each group's message and loads v. */
async function sendNoise(
  frames: Frames,
  code: NoiseCode,
  sizes: TreeSizes,
  trees: ReturnType<typeof holderTrees>,
  rng: Rng,
): Promise<void> {
  const { group, leaves } = sizes;
  using forest = new GgmForest(group, leaves);
  for (let g = 0; g < TREES / group; g += 1) {
    const grown = growGroup(g, trees, forest, sizes, rng);
    await frames.send(KIND.trees, grown.message);
    code.load(0, g * group * leaves, grown.leaves);
    grown.leaves.fill(0);
  }
}

type Greeted = {
  readonly items: Items;
  readonly parameters: VoleParameters;
  readonly delta: Secret;
  /** The base pads that Δ chose. */
  readonly pads: Uint8Array;
};

async function greet(
  ids: Identifiers,
  frames: Frames,
  mode: Mode,
  { rng = systemRng, peerLimit = MOST_ITEMS }: VoleOptions,
): Promise<Greeted> {
  const items = distinctItems(ids, MOST_ITEMS);
  const request = await frames.receive(KIND.request, REQUEST_BYTES);
  const { items: peerItems, rest } = decodeGreeting(request, mode, peerLimit);
  const parameters = voleParameters(peerItems, items.rows.length);
  const delta = new Secret('VOLE-PSI delta', rng(16));
  const { message, pads } = choose(rest, baseChoices(delta.expose()), rng);
  await frames.send(KIND.response, encodeGreeting(mode, items.rows.length, message));
  return { items, parameters, delta, pads };
}

/** Everything up to F(y). */
async function evaluate(
  ids: Identifiers,
  frames: Frames,
  mode: Mode,
  options: VoleOptions,
): Promise<Evaluated> {
  const { rng = systemRng } = options;
  const { items, parameters, delta: secret, pads } = await greet(ids, frames, mode, options);
  using delta = secret;
  const sizes = treeSizes(parameters);
  const extension = await frames.receive(
    KIND.extension,
    SEEDS_BYTES + extensionBytes(sizes.correlations),
  );
  const codeSeed = extension.slice(0, CODE_SEED_BYTES);
  const hashSeed = extension.slice(CODE_SEED_BYTES, SEEDS_BYTES);
  const correlated = extension.slice(SEEDS_BYTES);
  const q = extendHolder(delta.expose(), pads, correlated, sizes.correlations);
  const trees = holderTrees(q, delta.expose(), sizes);
  using code = new NoiseCode(codeSeed, parameters.correlations, 1);
  await sendNoise(frames, code, sizes, trees, rng);
  for (const spent of [pads, q, ...trees.pads, trees.shares]) spent.fill(0);

  using factor = new FixedFactor(delta.expose());
  using hash = outputHash(hashSeed);
  using binned = binItems(items.hashes, hashSeed, parameters, parameters.senderCapacity);
  // 16 bytes an item that nobody needs any more.
  items.hashes = new Uint8Array(0);
  const { bins, bin } = binned;
  const outputs = new Uint32Array(4 * items.rows.length);
  const room = new Uint8Array(16 * parameters.senderCapacity);
  for (let b = 0; b < parameters.bins; b += 1) {
    const [share] = code.take(parameters.columns) as [Uint8Array];
    const masked = await frames.receive(KIND.bin, 16 * parameters.columns);
    factor.addProduct(share, masked);
    const rows = bins.rows(b);
    const decoded = bin.decode(rows, share);
    factor.addProduct(decoded, valuesOf(rows, room));
    place(rows, hash.hash16(decoded, room.subarray(0, decoded.length)), outputs);
    share.fill(0);
  }
  room.fill(0);
  return { items, parameters, outputs };
}

/** Lets the receiver find out which of its items are in `ids`. Rejects as `voleReceive` does. */
export async function voleSend(
  ids: Identifiers,
  channel: Channel,
  options: VoleOptions = {},
): Promise<VoleSent> {
  const frames = new Frames(channel);
  const { items, parameters, outputs } = await evaluate(ids, frames, 'match', options);
  using masks = new WordList(new Uint8Array(outputs.buffer));
  const order = permutation(parameters.senderItems, options.rng ?? systemRng);
  for (let from = 0; from < order.length; from += MASKS_A_FRAME) {
    const part = order.subarray(from, from + MASKS_A_FRAME);
    await frames.send(KIND.masks, masks.pick(part, parameters.maskBytes));
  }
  order.fill(0);
  outputs.fill(0);
  return { duplicates: items.duplicates, peerItems: parameters.receiverItems };
}

/** F(y) of 16 bytes for each distinct identifier of the sender's own list; no mask is sent. */
export async function oprfSend(
  ids: Identifiers,
  channel: Channel,
  options: VoleOptions = {},
): Promise<VoleTokens> {
  const { items, parameters, outputs } = await evaluate(
    ids,
    new Frames(channel),
    'tokens',
    options,
  );
  return {
    tokens: new Uint8Array(outputs.buffer),
    rows: items.rows,
    duplicates: items.duplicates,
    peerItems: parameters.receiverItems,
  };
}
