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
import { utf8 } from '../../base/bytes.ts';
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
const KEY_BYTES = 16;
const DIGITS = utf8('0123456789abcdef');

/**
 * The tag and the digits of 16 bytes each, as pieces of one flat text: they are many, and ropes of two strings would be
 * gone through by every collection of garbage while the functions are evaluated.
 */
function pieces(tag: string, bytes: Uint8Array): string[] {
  const count = bytes.length / KEY_BYTES;
  const each = 1 + 2 * KEY_BYTES;
  const text = Buffer.alloc(count * each, tag);
  for (let i = 0, at = 0; i < bytes.length; i += 1) {
    if (i % KEY_BYTES === 0) at += 1;
    const byte = bytes[i] as number;
    text[at++] = DIGITS[byte >> 4] as number;
    text[at++] = DIGITS[byte & 15] as number;
  }
  const all = text.toString('latin1');
  text.fill(0);
  return Array.from({ length: count }, (_, i) => all.slice(i * each, (i + 1) * each));
}

/** `count` dummies of a seed that both holders know and nobody else. */
export function dummyIds(seed: Secret, count: number): string[] {
  using key = deriveKey(seed, 'kakehashi/linked-dummies/1');
  return count === 0 ? [] : pieces(DUMMY, keyStream(key, count * KEY_BYTES));
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
 * @param keys the linkage key of each person, 16 bytes; undefined where a person has none and so matches nobody.
 * @param dummies from `dummyIds`.
 */
export function paddedList(
  keys: readonly (Uint8Array | undefined)[],
  dummies: readonly string[],
  length: number,
  rng: Rng,
): PaddedList {
  // Nothing is refused for what a row says (rulings 13): a key of another length is none.
  const persons = [...keys.keys()].filter((person) => keys[person]?.length === KEY_BYTES);
  const bytes = new Uint8Array(persons.length * KEY_BYTES);
  persons.forEach((person, i) => bytes.set(keys[person] as Uint8Array, i * KEY_BYTES));
  const own = pieces(KEY, bytes);
  bytes.fill(0);
  const single = alone(own);
  const kept = persons.filter((_, i) => single[i] === 1);
  const used = kept.length + dummies.length;
  check(used <= length, 'INVALID_PARAMETER', 'more rows than the public length');
  const pads = pieces(PAD, rng(KEY_BYTES * (length - used)));
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
