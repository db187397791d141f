/**
 * A job as it goes to where it is computed, and what comes back.
 *
 * A handler is a pure function of bytes and parameters: no clock, no randomness, no state, so that
 * computing it twice gives the same bytes. It may keep the `inputs` it gets and change them:
 * they are its own copies.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { asRefusal, type ErrorCode } from '../../base/errors.ts';

export type JobTask = {
  readonly kind: string;
  readonly inputs: readonly Uint8Array[];
  readonly params: Cbor;
};

export type JobHandler = (
  inputs: readonly Uint8Array[],
  params: Cbor,
) => Uint8Array | Promise<Uint8Array>;

/** By kind of job. */
export type JobHandlers = Readonly<Record<string, JobHandler>>;

/** An error class does not survive the way between threads: a refusal travels as its code. */
export type JobOutcome =
  | { readonly bytes: Uint8Array }
  | { readonly refused: { readonly code: ErrorCode; readonly detail: string } };

/** A view whose buffer holds nothing else, so that moving it to another thread takes only itself. */
export const ownBuffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : Uint8Array.from(bytes);

/** Runs the handler of the task's kind; never throws. */
export async function perform(handlers: JobHandlers, task: JobTask): Promise<JobOutcome> {
  const { kind, inputs, params } = task;
  const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (handler === undefined) {
    return { refused: { code: 'INVALID_PARAMETER', detail: `no handler for ${kind}` } };
  }
  try {
    return { bytes: await handler(inputs, params) };
  } catch (error) {
    const { code, detail, cause } = asRefusal(error);
    const name = cause instanceof Error ? ` (${cause.name})` : '';
    return { refused: { code, detail: `${kind}: ${detail}${name}` } };
  }
}
