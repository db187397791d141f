/**
 * A party's work over threads: how many tasks are under way, memory for them, and what they read.
 * @module
 */
import type { ThreadedBatches } from '../base/batches.ts';
import type { Cbor } from '../base/codec.ts';
import { check } from '../base/errors.ts';

/** Tasks under way: none waits for the one that prepares and takes. */
export const tasksAtOnce = ({ threads }: ThreadedBatches): number =>
  threads === 1 ? 1 : threads + 1;

/** Memory that threads share, where there are several. */
export const roomFor = ({ threads }: ThreadedBatches, bytes: number): Uint8Array =>
  new Uint8Array(threads === 1 ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));

/** One for each task that is under way. */
export const roomsFor = (
  batches: ThreadedBatches,
  bytes: number,
  atOnce = tasksAtOnce(batches),
): Uint8Array[] => Array.from({ length: atOnce }, () => roomFor(batches, bytes));

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
