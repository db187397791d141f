/**
 * A job as it goes to where it is computed, and what comes back.
 *
 * A handler is a pure function of bytes and parameters: no clock, no randomness, no state, so that
 * computing it twice gives the same bytes. Either it takes the whole job, and may then keep the
 * `inputs` it gets and change them: they are its own copies. Or it is a batch handler
 * (base/batches.ts), which fills items [from, to) of a result, side by side with other threads,
 * from inputs that it shares with them and leaves alone.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { asRefusal, type ErrorCode } from '../../base/errors.ts';
import type { BatchHandler } from '../../base/batches.ts';

export type JobTask = {
  readonly kind: string;
  readonly inputs: readonly Uint8Array[];
  readonly params: Cbor;
  /** For a batch handler; without it the handler computes all items. */
  readonly part?: JobPart;
};

export type JobPart = {
  readonly out: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly memory?: WebAssembly.Memory;
};

export type JobHandler = (
  inputs: readonly Uint8Array[],
  params: Cbor,
) => Uint8Array | Promise<Uint8Array>;

/** By kind of job. */
export type JobHandlers = Readonly<Record<string, JobHandler | BatchHandler>>;

/** An error class does not survive the way between threads: a refusal travels as its code. */
export type JobOutcome =
  | { readonly bytes: Uint8Array }
  | { readonly refused: { readonly code: ErrorCode; readonly detail: string } };

/** A view whose buffer holds nothing else, so that moving it to another thread takes only itself. */
export const ownBuffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : Uint8Array.from(bytes);

/** What a batch handler fills where it is not told: room for all items. */
function wholeOf({ size }: BatchHandler, params: Cbor): JobPart {
  const { items, itemBytes } = size(params);
  return { out: new Uint8Array(items * itemBytes), from: 0, to: items };
}

/** Runs the handler of the task's kind; never throws. */
export async function perform(handlers: JobHandlers, task: JobTask): Promise<JobOutcome> {
  const { kind, inputs, params } = task;
  const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (handler === undefined) {
    return { refused: { code: 'INVALID_PARAMETER', detail: `no handler for ${kind}` } };
  }
  try {
    if (typeof handler === 'function') return { bytes: await handler(inputs, params) };
    const { out, from, to, memory } = task.part ?? wholeOf(handler, params);
    handler.fill(inputs, params, out, from, to, memory);
    return { bytes: out };
  } catch (error) {
    const { code, detail, cause } = asRefusal(error);
    const name = cause instanceof Error ? ` (${cause.name})` : '';
    return { refused: { code, detail: `${kind}: ${detail}${name}` } };
  }
}
