/**
 * The oblivious function of VOLE-PSI on the items of one party, bin by bin.
 *
 *     F(y) = H( Decode(B', y) − Δ·H_B(y) ) = H( Decode(C, y) )  for an item y of the receiver
 *
 * One seed of 128 bits, drawn by the receiver when its items are fixed, keys both hashes: BLAKE2s with
 * 256 bits out gives H_B(y), 16 bytes, and the place of y in the store; H is BLAKE2s-128.
 *
 * Memory   rows of all bins, 32 bytes an item, and outputs, 16 bytes an item; else a few megabytes for each bin
 *          that is under way, as many as there are threads and one.
 * @module
 */
import type { ThreadedBatches } from '../../base/batches.ts';
import { check } from '../../base/errors.ts';
import { OkvsBins, ROW_BYTES } from '../../kernels/okvs.ts';
import { inOrder } from '../../base/in-order.ts';
import { roomsFor, tasksAtOnce } from '../threads.ts';
import { binResultBytes } from './bin-batches.ts';
import type { VoleParameters } from './parameters.ts';

const ITEM = 16;
/** Items that one thread hashes at once. */
const TASK_ITEMS = 65536;

/** Hashes items of 16 bytes into the bins of a session. */
export async function binItems(
  items: Uint8Array,
  seed: Uint8Array,
  { bins: count, sparse }: VoleParameters,
  capacity: number,
  batches: ThreadedBatches,
): Promise<OkvsBins> {
  const bins = new OkvsBins(count, { sparse, capacity });
  const n = items.length / ITEM;
  const itemsOf = (i: number): Uint8Array =>
    items.subarray(i * TASK_ITEMS * ITEM, (i + 1) * TASK_ITEMS * ITEM);
  const rooms = roomsFor(batches, Math.min(n, TASK_ITEMS) * ROW_BYTES);
  await inOrder(rooms.length, {
    count: Math.ceil(n / TASK_ITEMS),
    run: (i, room) =>
      batches.run({
        kind: 'vole-rows',
        inputs: [itemsOf(i), seed],
        params: { count: itemsOf(i).length / ITEM },
        secret: false,
        out: rooms[room] as Uint8Array,
      }),
    take: (i, room) => {
      const hashes = (rooms[room] as Uint8Array).subarray(0, 2 * itemsOf(i).length);
      // Probability 2^-43: see parameters.ts.
      check(bins.add(hashes), 'INTERNAL', 'a bin overflows');
    },
  });
  return bins;
}

/** What a party adds to the evaluation of a bin. */
export type BinSteps = {
  readonly kind: 'vole-receiver-bin' | 'vole-sender-bin';
  /** Columns and what else the kind takes after the rows; called bin by bin. */
  readonly inputs: (bin: number, room: number) => Promise<readonly Uint8Array[]>;
  /** Columns of the result, called bin by bin. */
  readonly done: (bin: number, columns: Uint8Array) => Promise<void> | void;
};

/** Writes the outputs of a bin's rows to the places of their items. */
function place(rows: Uint8Array, outputs: Uint8Array, to: Uint32Array): void {
  const row = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  const words = new Uint32Array(outputs.buffer, outputs.byteOffset, outputs.length / 4);
  for (let i = 0; 4 * i < words.length; i += 1) {
    const at = 4 * (row[8 * i + 7] as number);
    to[at] = words[4 * i] as number;
    to[at + 1] = words[4 * i + 1] as number;
    to[at + 2] = words[4 * i + 2] as number;
    to[at + 3] = words[4 * i + 3] as number;
  }
}

/** F of each of `items` items, four words each, in their order. */
export async function evaluateBins(
  { bins: count, sparse, columns }: VoleParameters,
  { bins, capacity, items }: { bins: OkvsBins; capacity: number; items: number },
  batches: ThreadedBatches,
  steps: BinSteps,
): Promise<Uint32Array> {
  const outputs = new Uint32Array(4 * items);
  const atOnce = Math.min(count, tasksAtOnce(batches));
  const sizes = { sparse, capacity };
  const results = roomsFor(batches, binResultBytes(sizes), atOnce);
  // Threads do not share what a kernel has in memory of its own.
  const copied = batches.threads === 1 ? 0 : atOnce;
  const copies = roomsFor(batches, capacity * ROW_BYTES, copied);
  const given: (readonly Uint8Array[])[] = [];
  try {
    await inOrder(atOnce, {
      count,
      prepare: async (b, room) => {
        const own = bins.rows(b);
        const copy = copies[room]?.subarray(0, own.length);
        copy?.set(own);
        given[room] = [copy ?? own, ...(await steps.inputs(b, room))];
      },
      run: (_b, room) =>
        batches.run({
          ...{ kind: steps.kind, inputs: given[room] ?? [], params: sizes },
          ...{ secret: false, out: results[room] as Uint8Array },
        }),
      take: async (b, room) => {
        const result = results[room] as Uint8Array;
        const rows = bins.rows(b);
        await steps.done(b, result.subarray(0, columns * ITEM));
        const from = columns * ITEM;
        place(rows, result.subarray(from, from + rows.length / 2), outputs);
      },
    });
  } finally {
    for (const room of [...results, ...copies]) room.fill(0);
  }
  return outputs;
}
