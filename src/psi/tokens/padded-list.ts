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
import { toHex } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { deriveKey, keyStream } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import { MatchTable } from '../../kernels/match-table.ts';
import { hashIdentifiers } from '../items.ts';
import { permutation } from '../shuffle.ts';

export type PaddedList = {
  /** `length` distinct identifiers of the oblivious functions. */
  readonly ids: readonly string[];
  /** The person at each position, or −1 for a dummy or a pad. */
  readonly people: Int32Array;
};

/** The first character of an identifier, so that no key can be a dummy or a pad. */
const [KEY, DUMMY, PAD] = ['k', 'd', 'p'];
const RANDOM_BYTES = 16;
const DIGITS = 2 * RANDOM_BYTES;

/** A flat string, not a rope of two: these are many, and live for as long as the functions are evaluated. */
const identifier = (tag: string, digits: string): string =>
  Buffer.from(tag + digits, 'latin1').toString('latin1');

function pieces(tag: string, bytes: Uint8Array): string[] {
  const text = toHex(bytes);
  return Array.from({ length: bytes.length / RANDOM_BYTES }, (_, i) =>
    identifier(tag, text.slice(i * DIGITS, (i + 1) * DIGITS)),
  );
}

/** `count` dummies of a seed that both holders know and nobody else. */
export function dummyIds(seed: Secret, count: number): string[] {
  using key = deriveKey(seed, 'kakehashi/linked-dummies/1');
  return count === 0 ? [] : pieces(DUMMY, keyStream(key, count * RANDOM_BYTES));
}

/** 1 for each identifier that is there once. */
function alone(ids: readonly string[]): Uint8Array {
  const hashes = hashIdentifiers(ids);
  using table = new MatchTable(hashes);
  const again = table.repeated.slice();
  again.forEach((flag, i) => {
    if (flag === 1) table.find(hashes.subarray(16 * i, 16 * i + 16), 16);
  });
  const { found } = table;
  return again.map((flag, i) => 1 - (flag | (found[i] as number)));
}

/**
 * @param keys the linkage key of each person; undefined where a person has none and so matches nobody.
 * @param dummies from `dummyIds`.
 */
export function paddedList(
  keys: readonly (Uint8Array | undefined)[],
  dummies: readonly string[],
  length: number,
  rng: Rng,
): PaddedList {
  const persons = [...keys.keys()].filter((person) => keys[person] !== undefined);
  const own = persons.map((person) => identifier(KEY, toHex(keys[person] as Uint8Array)));
  const single = alone(own);
  const kept = persons.filter((_, i) => single[i] === 1);
  const used = kept.length + dummies.length;
  check(used <= length, 'INVALID_PARAMETER', 'more rows than the public length');
  const pads = pieces(PAD, rng(RANDOM_BYTES * (length - used)));
  const all = [...own.filter((_, i) => single[i] === 1), ...dummies, ...pads];
  const order = permutation(length, rng);
  const ids: string[] = [];
  const people = new Int32Array(length);
  order.forEach((from, position) => {
    ids.push(all[from] as string);
    people[position] = kept[from] ?? -1;
  });
  order.fill(0);
  return { ids, people };
}
