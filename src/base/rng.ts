/**
 * Randomness as a parameter: `rng(n)` returns n fresh uniform bytes, owned by the caller.
 *
 * `systemRng` is the operating system's generator through node:crypto. Everything that draws
 * takes an `Rng` argument, so that a test can replay bytes and a reader can see who draws.
 * @module
 */
import { randomBytes } from 'node:crypto';

export type Rng = (length: number) => Uint8Array;

export const systemRng: Rng = (length) => {
  const bytes = randomBytes(length);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
};
