/**
 * Work on much data, spread over threads: a batch is a pure function that fills items
 * [from, to) of its result, so that any split over any number of threads gives a result of one meaning.
 * A batch of one item is one thread's; of such a caller has several under way.
 *
 * Inputs and result lie in shared memory where there are threads: each is written once and read where it
 * lies. What is secret among the inputs (key shares, seeds, masked values) is overwritten there when the
 * batch is done; nothing of a batch is stored.
 * @module
 */
import type { Cbor } from './codec.ts';
import { check } from './errors.ts';

export type Batch = {
  /** Names the handler. */
  readonly kind: string;
  readonly inputs: readonly Uint8Array[];
  readonly params: Cbor;
  /** Inputs are overwritten in shared memory when the batch is done. */
  readonly secret: boolean;
  /** Where the result goes, room for all items: in shared memory where there are threads. Made if not given. */
  readonly out?: Uint8Array;
  /** Shared memory of a kernel, for a handler that works where the data lie: on what the caller leaves to it. */
  readonly memory?: WebAssembly.Memory;
};

export type BatchSize = { readonly items: number; readonly itemBytes: number };

export type BatchHandler = {
  readonly size: (params: Cbor) => BatchSize;
  /** Fills items [from, to) of `out`, which has room for all items. Does not change the inputs. */
  readonly fill: (
    inputs: readonly Uint8Array[],
    params: Cbor,
    out: Uint8Array,
    from: number,
    to: number,
    memory?: WebAssembly.Memory,
  ) => void;
};

/** By kind of batch. */
export type BatchHandlers = Readonly<Record<string, BatchHandler>>;

/** Where batches are computed. The result is in memory of its own, which may be shared. */
export interface Batches {
  run(batch: Batch): Promise<Uint8Array>;
}

/** Batches of which `threads` can be under way at once. */
export interface ThreadedBatches extends Batches {
  readonly threads: number;
}

/** Of what is read as words where it lies. */
export const aligned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();

/** In the calling thread. Refuses a kind without a handler with INVALID_PARAMETER. */
export const ownThread = (handlers: BatchHandlers): ThreadedBatches => ({
  threads: 1,
  run: async ({ kind, inputs, params, memory, out: room }) => {
    const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
    check(handler !== undefined, 'INVALID_PARAMETER', 'kind of a batch');
    const { items, itemBytes } = handler.size(params);
    const out = room ?? new Uint8Array(items * itemBytes);
    handler.fill(inputs.map(aligned), params, out, 0, items, memory);
    return out;
  },
});
