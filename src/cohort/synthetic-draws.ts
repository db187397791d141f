/**
 * People drawn from a seed, one line each: what the synthetic cohorts have in common. Person i
 * does not depend on how many people follow, and memory is bounded by one block of them.
 * @module
 */
import { utf8 } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { deriveKey, keyStream } from '../base/hash.ts';
import { Secret } from '../base/secret.ts';

export type SyntheticPeople = {
  readonly people: number;
  /** Anything but empty; the same seed gives each country other people. */
  readonly seed: Uint8Array | string;
};

/** 0 to `below` - 1: the product is exact, the bias below 2^-12 for bounds up to 2^20. */
export type Draw = (below: number) => number;

const MAX_PEOPLE = 9_999_999;
const BLOCK = 4096;
const WORD = 4;

const scaled = (word: number, below: number): number => Math.floor((word * below) / 2 ** 32);

/**
 * One line for each person, with its line end. `label` names the stream, `words` is the number of
 * draws that `person` takes at most.
 */
export function* drawnPeople(
  { people, seed }: SyntheticPeople,
  label: string,
  words: number,
  person: (index: number, draw: Draw) => string,
): Generator<string, void, undefined> {
  check(
    Number.isInteger(people) && people >= 1 && people <= MAX_PEOPLE,
    'INVALID_PARAMETER',
    'size of a synthetic cohort',
  );
  const bytes = typeof seed === 'string' ? utf8(seed) : seed.slice();
  check(bytes.length > 0, 'INVALID_PARAMETER', 'seed of a synthetic cohort');
  using root = new Secret('synthetic cohort', bytes);
  for (let first = 0; first < people; first += BLOCK) {
    using key = deriveKey(root, `${label}/${first / BLOCK}`);
    const stream = keyStream(key, BLOCK * words * WORD);
    const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
    for (let index = first; index < Math.min(first + BLOCK, people); index += 1) {
      let next = (index - first) * words * WORD;
      const line = person(index, (below) => {
        const word = view.getUint32(next);
        next += WORD;
        return scaled(word, below);
      });
      yield `${line}\n`;
    }
  }
}
