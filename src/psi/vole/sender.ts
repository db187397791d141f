/**
 * VOLE-PSI, sender. Learns how many distinct items the receiver has, and nothing else; with `oprfSend`
 * it has the function's outputs on its own items. Paper, diagram, assumptions, leakage: receiver.ts.
 *
 * Adversary   semi-honest only. Masks leave in a uniformly random order: their places tell nothing of
 *             places in the list. Δ, tree seeds and order are fresh for each session, so that outputs of
 *             two sessions have nothing in common.
 * @module
 */
import type { ThreadedBatches } from '../../base/batches.ts';
import { Secret } from '../../base/secret.ts';
import { systemRng, type Rng } from '../../base/rng.ts';
import { WordList } from '../../kernels/match-table.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { inOrder } from '../../base/in-order.ts';
import { roomFor, roomsFor } from '../threads.ts';
import { distinctItemsOver, type Identifiers, type Items } from '../items.ts';
import { choose } from './base-ot.ts';
import { NoiseCode } from './code.ts';
import { CODE_SEED_BYTES } from './code-batches.ts';
import { baseChoices, extendHolder, extensionBytes } from './correlated-ot.ts';
import { binItems, evaluateBins } from './evaluation.ts';
import {
  decodeGreeting,
  encodeGreeting,
  KIND,
  MASKS_A_FRAME,
  type Mode,
  REQUEST_BYTES,
  SEEDS_BYTES,
} from './messages.ts';
import { growInputs, holderTrees, type TreeSizes, treeSizes } from './noise-trees.ts';
import { MOST_ITEMS, TREES, type VoleParameters, voleParameters } from './parameters.ts';
import type { VoleOptions, VoleTokens } from './receiver.ts';
import { permutation } from '../shuffle.ts';
import { inOneThread } from './vole-batches.ts';

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
  { rng, batches }: { readonly rng: Rng; readonly batches: ThreadedBatches },
): Promise<void> {
  const { group, leaves, messageBytes } = sizes;
  const given: (readonly Uint8Array[])[] = [];
  const messages = roomsFor(batches, messageBytes);
  await inOrder(messages.length, {
    count: TREES / group,
    prepare: (g, room) => {
      given[room] = growInputs(g, trees, sizes, rng(group * 16));
    },
    run: (g, room) => {
      const at = code.room(g * group * leaves, group * leaves).byteOffset;
      return batches.run({
        ...{ kind: 'vole-grow', inputs: given[room] ?? [], params: { group, leaves, at } },
        ...{ secret: true, out: messages[room] as Uint8Array, memory: code.memory },
      });
    },
    take: async (_g, room) => {
      for (const input of given[room] ?? []) input.fill(0);
      await frames.send(KIND.trees, messages[room] as Uint8Array);
    },
  });
}

type Greeted = {
  readonly items: Items;
  readonly parameters: VoleParameters;
  /** Taken over by `evaluate`. */
  readonly delta: Secret;
  /** The base pads that Δ chose. */
  readonly pads: Uint8Array;
};

async function greet(
  ids: Identifiers,
  frames: Frames,
  mode: Mode,
  { rng = systemRng, peerLimit = MOST_ITEMS, batches = inOneThread }: VoleOptions,
): Promise<Greeted> {
  const items = await distinctItemsOver(ids, MOST_ITEMS, batches);
  const request = await frames.receive(KIND.request, REQUEST_BYTES);
  const { items: peerItems, rest } = decodeGreeting(request, mode, peerLimit);
  const parameters = voleParameters(peerItems, items.rows.length);
  const delta = new Secret('VOLE-PSI delta', rng(16));
  try {
    const { message, pads } = choose(rest, baseChoices(delta.expose()), rng);
    await frames.send(KIND.response, encodeGreeting(mode, items.rows.length, message));
    return { items, parameters, delta, pads };
  } catch (error) {
    delta[Symbol.dispose]();
    throw error;
  }
}

/** Everything from the receiver's extension up to F(y). */
async function evaluate(
  { items, parameters, delta: secret, pads }: Greeted,
  frames: Frames,
  { rng = systemRng, batches = inOneThread }: VoleOptions,
): Promise<Evaluated> {
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
  using code = new NoiseCode(codeSeed, parameters.correlations, 1, batches);
  await sendNoise(frames, code, sizes, trees, { rng, batches });
  for (const spent of [pads, q, ...trees.pads, trees.shares]) spent.fill(0);

  const { senderCapacity: capacity, columns } = parameters;
  using bins = await binItems(items.hashes, hashSeed, parameters, capacity, batches);
  // 16 bytes an item that nobody needs any more.
  items.hashes = new Uint8Array(0);
  const own = { bins, capacity, items: items.rows.length };
  const factor = roomFor(batches, 16);
  factor.set(delta.expose());
  const frameRooms = roomsFor(batches, 16 * columns);
  const outputs = await evaluateBins(parameters, own, batches, {
    kind: 'vole-sender-bin',
    inputs: async (_b, room) => {
      const [share] = (await code.take(columns)) as [Uint8Array];
      const masked = frameRooms[room] as Uint8Array;
      masked.set(await frames.receive(KIND.bin, 16 * columns));
      return [share, masked, hashSeed, factor];
    },
    done: () => {},
  }).finally(() => factor.fill(0));
  return { items, parameters, outputs };
}

/** Lets the receiver find out which of its items are in `ids`. Rejects as `voleReceive` does. */
export async function voleSend(
  ids: Identifiers,
  channel: Channel,
  options: VoleOptions = {},
): Promise<VoleSent> {
  const frames = new Frames(channel);
  const greeted = await greet(ids, frames, 'match', options);
  // While the receiver extends: nothing waits for it then.
  const order = permutation(greeted.parameters.senderItems, options.rng ?? systemRng);
  const { items, parameters, outputs } = await evaluate(greeted, frames, options);
  using masks = new WordList(new Uint8Array(outputs.buffer));
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
  const frames = new Frames(channel);
  const greeted = await greet(ids, frames, 'tokens', options);
  const { items, parameters, outputs } = await evaluate(greeted, frames, options);
  return {
    tokens: new Uint8Array(outputs.buffer),
    rows: items.rows,
    duplicates: items.duplicates,
    peerItems: parameters.receiverItems,
  };
}
