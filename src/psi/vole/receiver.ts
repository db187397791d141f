/**
 * VOLE-PSI, receiver. Learns which of its items the sender has (or tokens for its items); the sender
 * learns how many distinct items the receiver has.
 *
 * Paper       [RR22] Raghuraman, Rindal, "Blazing Fast PSI from Improved OKVS and Subfield VOLE", CCS 2022
 *             (ePrint 2022/320), figure 4, semi-honest, GF(2^128).
 * Assumption  CDH on P-256 (base OTs: not post-quantum), dual LPN for the code of code.ts with the
 *             noise of parameters.ts (heuristic), AES-128 under fixed keys as a random permutation,
 *             BLAKE2s and SHA-256 as random oracles.
 * Adversary   semi-honest only. A receiver that deviates can over-fit the store and test more items than it
 *             announced (Han et al., Asiacrypt 2024); a sender that deviates can make the result wrong.
 *             Identifiers that can be guessed are as safe as the peer's honesty about its list.
 * Leakage     to the receiver: the number of the sender's distinct items and, always, which of its own
 *             items match; to the sender: the number of the receiver's distinct items. Padding to a
 *             public length hides the numbers. One session a pair of lists: Δ, noise and seeds are fresh.
 *
 *     receiver(X)                                              sender(Y)
 *                       ── request: n_x, base OT offer ──▶     Δ ←$ GF(2^128)
 *                       ◀─ response: n_y, base OT choices ─
 *     noise e ←$, seeds ←$
 *                       ── extension: seeds, correlated OTs ─▶
 *                       ◀─ trees: group 1, 2, … ────────
 *     (A, C) = code(e, w)                                      B = code(v):   C = A·Δ + B
 *     P with Decode(P, x) = H_B(x) for x in X, bin by bin
 *                       ── bin 1, 2, …: A − P ───────▶         B' = B + (A − P)·Δ
 *                       ◀─ masks: F(y) for y in Y, shuffled ─  F(y) = H(Decode(B', y) − Δ·H_B(y))
 *     matches = { x : H(Decode(C, x)) among the masks }
 *
 * Threads     `batches` get trees, code and bins as pure functions of shared memory (vole-batches.ts): frames and results are
 *             the same, byte for byte, however many threads there are. When one dies the session rejects.
 *
 * Timing      what depends on Δ and the noise runs without branches or addresses from them (see the kernels); what depends on
 *             a party's own items does not: the store, decoding and matching go where hashes of items point.
 * @module
 */
import type { ThreadedBatches } from '../../base/batches.ts';
import { systemRng, type Rng } from '../../base/rng.ts';
import { MatchTable } from '../../kernels/match-table.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { inOrder } from '../../base/in-order.ts';
import { roomsFor, tasksAtOnce } from '../threads.ts';
import { distinctItemsOver, type Identifiers, type Items } from '../items.ts';
import { finish, offer } from './base-ot.ts';
import { NoiseCode } from './code.ts';
import { CODE_SEED_BYTES } from './code-batches.ts';
import { extendChooser } from './correlated-ot.ts';
import { binItems, evaluateBins } from './evaluation.ts';
import { chosen, truncate } from './matches.ts';
import {
  decodeGreeting,
  encodeGreeting,
  HASH_SEED_BYTES,
  KIND,
  MASKS_A_FRAME,
  type Mode,
  RESPONSE_BYTES,
} from './messages.ts';
import {
  chooserTrees,
  drawNoise,
  noiseChoices,
  regrowInputs,
  type TreeSizes,
  treeSizes,
} from './noise-trees.ts';
import { MOST_ITEMS, TREES, type VoleParameters, voleParameters } from './parameters.ts';
import { inOneThread } from './vole-batches.ts';

export type VoleOptions = {
  readonly rng?: Rng;
  /** The most items that the peer may announce: memory follows from it. 2^24 without. */
  readonly peerLimit?: number;
  /** Threads with the handlers of vole-batches.ts. The caller's own without: nothing but time depends on it. */
  readonly batches?: ThreadedBatches;
};

export type VoleMatches = {
  /** Rows of the receiver's list whose identifier the sender has, ascending, first rows only. */
  readonly matches: Uint32Array;
  /** Rows left out because their identifier occurred before, ascending. */
  readonly duplicates: Uint32Array;
  /** The sender's distinct items. */
  readonly peerItems: number;
};

export type VoleTokens = {
  /** 16 bytes for each distinct identifier. */
  readonly tokens: Uint8Array;
  /** The row where each of them occurs first. */
  readonly rows: Uint32Array;
  readonly duplicates: Uint32Array;
  readonly peerItems: number;
};

type Evaluated = {
  readonly items: Items;
  readonly parameters: VoleParameters;
  /** F(x) of each item, four words. */
  readonly outputs: Uint32Array;
};

/** The lane of the code that follows the noise; the first one follows the trees. */
const A = 1;

/** Loads w and e, group by group, as the sender's messages come. */
async function receiveNoise(
  frames: Frames,
  code: NoiseCode,
  sizes: TreeSizes,
  trees: ReturnType<typeof chooserTrees>,
  batches: ThreadedBatches,
): Promise<void> {
  const { group, leaves, messageBytes } = sizes;
  const given: (readonly Uint8Array[])[] = [];
  await inOrder(tasksAtOnce(batches), {
    count: TREES / group,
    prepare: async (g, room) => {
      const message = await frames.receive(KIND.trees, messageBytes);
      given[room] = regrowInputs(g, trees, sizes, message);
    },
    run: (g, room) => {
      const at = code.room(g * group * leaves, group * leaves).byteOffset;
      const inputs = given[room] as readonly Uint8Array[];
      const { memory } = code;
      const params = { group, leaves, at };
      return batches.run({ kind: 'vole-regrow', inputs, params, secret: true, memory });
    },
    take: (_g, room) => {
      for (const input of given[room] ?? []) input.fill(0);
    },
  });
  trees.noise.positions.forEach((position, k) => {
    code.load(A, k * leaves + position, trees.noise.values.subarray(16 * k, 16 * k + 16));
  });
}

/** Everything up to F(x): the oblivious function itself. */
async function evaluate(
  ids: Identifiers,
  frames: Frames,
  mode: Mode,
  { rng = systemRng, peerLimit = MOST_ITEMS, batches = inOneThread }: VoleOptions,
): Promise<Evaluated> {
  const items = await distinctItemsOver(ids, MOST_ITEMS, batches);
  const base = offer(rng);
  await frames.send(KIND.request, encodeGreeting(mode, items.rows.length, base.message));
  const response = await frames.receive(KIND.response, RESPONSE_BYTES);
  const { items: peerItems, rest } = decodeGreeting(response, mode, peerLimit);
  const parameters = voleParameters(items.rows.length, peerItems);
  const sizes = treeSizes(parameters);

  const pads = finish(base, rest);
  const noise = drawNoise(sizes, rng);
  const { message, t } = extendChooser(pads, noiseChoices(noise, sizes), rng);
  pads.fill(0);
  const codeSeed = rng(CODE_SEED_BYTES);
  const hashSeed = rng(HASH_SEED_BYTES);
  await frames.send(KIND.extension, codeSeed, hashSeed, message);

  const { receiverCapacity: capacity, columns } = parameters;
  using bins = await binItems(items.hashes, hashSeed, parameters, capacity, batches);
  // 16 bytes an item that nobody needs any more.
  items.hashes = new Uint8Array(0);
  using code = new NoiseCode(codeSeed, parameters.correlations, 2, batches);
  const trees = chooserTrees(t, noise, sizes);
  t.fill(0);
  await receiveNoise(frames, code, sizes, trees, batches);
  for (const secret of [noise.positions, noise.values, trees.pads, trees.shares]) secret.fill(0);

  const own = { bins, capacity, items: items.rows.length };
  // A bin's part of A moves in the code's memory when the next one is made.
  const parts = roomsFor(batches, 16 * columns);
  const outputs = await evaluateBins(parameters, own, batches, {
    kind: 'vole-receiver-bin',
    inputs: async (_b, room) => {
      const [c, a] = (await code.take(columns)) as [Uint8Array, Uint8Array];
      const part = parts[room] as Uint8Array;
      part.set(a);
      return [c, part, hashSeed];
    },
    done: (_b, masked) => frames.send(KIND.bin, masked),
  }).finally(() => {
    for (const part of parts) part.fill(0);
  });
  return { items, parameters, outputs };
}

/**
 * Which rows of `ids` the sender has. One session; the channel stays the caller's, who closes it when this rejects.
 * Rejects with MALFORMED_MESSAGE, PROTOCOL_STATE or UNSUPPORTED_VERSION for what the peer sends, with
 * INVALID_PARAMETER for a list of more than 2^24 rows, and with what the channel rejects with.
 */
export async function voleReceive(
  ids: Identifiers,
  channel: Channel,
  options: VoleOptions = {},
): Promise<VoleMatches> {
  const frames = new Frames(channel);
  const { items, parameters, outputs } = await evaluate(ids, frames, 'match', options);
  const { maskBytes, senderItems } = parameters;
  truncate(outputs, maskBytes);
  using table = new MatchTable(new Uint8Array(outputs.buffer));
  outputs.fill(0);
  for (let from = 0; from < senderItems; from += MASKS_A_FRAME) {
    const count = Math.min(MASKS_A_FRAME, senderItems - from);
    table.find(await frames.receive(KIND.masks, count * maskBytes), maskBytes);
  }
  const { found } = table;
  return {
    matches: chosen(items.rows, found),
    duplicates: items.duplicates,
    peerItems: senderItems,
  };
}

/** F(x) of 16 bytes for each distinct identifier, the sender's function on the receiver's items. */
export async function oprfReceive(
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
    peerItems: parameters.senderItems,
  };
}
