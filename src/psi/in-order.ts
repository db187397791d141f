/**
 * Work of a party over threads: tasks side by side, begun and taken in their order, with memory for as many as
 * are under way.
 * @module
 */
import type { ThreadedBatches } from '../base/batches.ts';
import type { Cbor } from '../base/codec.ts';
import { check } from '../base/errors.ts';

export type Ordered = {
  readonly count: number;
  /** What task `i` needs, one after the other; `room` numbers those that are under way. */
  readonly prepare?: (i: number, room: number) => Promise<void> | void;
  readonly run: (i: number, room: number) => Promise<unknown>;
  /** What becomes of it, one after the other. */
  readonly take?: (i: number, room: number) => Promise<void> | void;
};

/** Tasks under way: none waits for the one that prepares and takes. */
export const tasksAtOnce = ({ threads }: ThreadedBatches): number =>
  threads === 1 ? 1 : threads + 1;

/** All tasks, `atOnce` of them under way. Rejects with the first that does, when no other is under way. */
export async function inOrder(
  atOnce: number,
  { count, prepare, run, take }: Ordered,
): Promise<void> {
  const running: Promise<unknown>[] = [];
  let next = 0;
  try {
    for (let i = 0; i < count; i += 1) {
      while (next < count && running.length < atOnce) {
        await prepare?.(next, next % atOnce);
        const task = run(next, next % atOnce);
        // Awaited when its turn comes.
        task.catch(() => {});
        running.push(task);
        next += 1;
      }
      await running.shift();
      await take?.(i, i % atOnce);
    }
  } finally {
    // What they work on is about to be wiped.
    await Promise.allSettled(running);
  }
}

/** Memory that threads share, where there are several. */
export const roomFor = ({ threads }: ThreadedBatches, bytes: number): Uint8Array =>
  new Uint8Array(threads === 1 ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));

/** The whole number `name` among the parameters of a batch. */
export function numberOf(params: Cbor, name: string): number {
  const known = typeof params === 'object' && params !== null;
  const value = known ? (params as Readonly<Record<string, Cbor>>)[name] : undefined;
  const whole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  check(whole, 'INVALID_PARAMETER', `${name} of a batch`);
  return value;
}

/** Input `i` of a batch, `bytes` long where that is given. */
export function inputOf(inputs: readonly Uint8Array[], i: number, bytes?: number): Uint8Array {
  const input = inputs[i];
  const fits = input !== undefined && (bytes === undefined || input.length === bytes);
  check(fits, 'INVALID_PARAMETER', `input ${i} of a batch`);
  return input;
}
