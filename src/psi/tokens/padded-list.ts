/**
 * A holder's list as the other parties see it: always of the same length, in an order that says nothing.
 *
 *     list = its own keys ‖ the dummies of this run ‖ random pads, `length` of them, shuffled
 *
 * Both holders of a run have the same dummies, so that the number of equal tokens is the cardinality
 * plus their number; pads match nothing. A key that two people of a list share is nobody's: both
 * become pads (rulings 29), for a choice between them would let one person's absence move another.
 *
 * Leakage   `length`, a public constant of the study (rulings 28). The shuffle is fresh for each run.
 * @module
 */
import { check } from '../../base/errors.ts';
import { deriveKey, keyStream } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import { permutation } from '../vole/shuffle.ts';

export type PaddedList = {
  /** `length` distinct identifiers of the oblivious functions. */
  readonly ids: readonly Uint8Array[];
  /** The person at each position, or −1 for a dummy or a pad. */
  readonly people: Int32Array;
};

/** The first byte of an identifier, so that no key can be a dummy or a pad. */
const [KEY, DUMMY, PAD] = [0, 1, 2];
const RANDOM_BYTES = 16;

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const id = new Uint8Array(1 + bytes.length);
  id[0] = tag;
  id.set(bytes, 1);
  return id;
}

const pieces = (tag: number, bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / RANDOM_BYTES }, (_, i) =>
    tagged(tag, bytes.subarray(i * RANDOM_BYTES, (i + 1) * RANDOM_BYTES)),
  );

/** `count` dummies of a seed that both holders know and nobody else. */
export function dummyIds(seed: Secret, count: number): Uint8Array[] {
  using key = deriveKey(seed, 'kakehashi/linked-dummies/1');
  return count === 0 ? [] : pieces(DUMMY, keyStream(key, count * RANDOM_BYTES));
}

/** People whose key nobody else of the list has. */
function alone(keys: readonly (Uint8Array | undefined)[]): number[] {
  const text = (key: Uint8Array): string =>
    Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
  const first = new Map<string, number>();
  const shared = new Set<number>();
  const kept: number[] = [];
  keys.forEach((key, person) => {
    if (key === undefined) return;
    const before = first.get(text(key));
    if (before !== undefined) {
      shared.add(before);
      return;
    }
    first.set(text(key), person);
    kept.push(person);
  });
  return shared.size === 0 ? kept : kept.filter((person) => !shared.has(person));
}

/**
 * @param keys the linkage key of each person; undefined where a person has none and so matches nobody.
 * @param dummies from `dummyIds`.
 */
export function paddedList(
  keys: readonly (Uint8Array | undefined)[],
  dummies: readonly Uint8Array[],
  length: number,
  rng: Rng,
): PaddedList {
  const kept = alone(keys);
  const used = kept.length + dummies.length;
  check(used <= length, 'INVALID_PARAMETER', 'more rows than the public length');
  const own = kept.map((person) => tagged(KEY, keys[person] as Uint8Array));
  const all = [...own, ...dummies, ...pieces(PAD, rng(RANDOM_BYTES * (length - used)))];
  const order = permutation(length, rng);
  const ids = Array.from(order, (from) => all[from] as Uint8Array);
  const people = Int32Array.from(order, (from) => kept[from] ?? -1);
  order.fill(0);
  return { ids, people };
}
