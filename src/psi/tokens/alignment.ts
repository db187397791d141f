/**
 * Alignment: for every row of B's list a position in A's list. The true partner where there is one, else
 * a uniformly random one of those that are left.
 *
 * As A's order is a secret uniform shuffle, the bijection is uniform to B whatever matched, and
 * tells it nothing (rulings, test 7). "The next free position" instead would: unmatched rows would be in order.
 *
 * Leakage   to whoever computes it: the pattern of equal tokens of two shuffled lists, so their number.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { permutation } from '../shuffle.ts';
import { TOKEN_BYTES } from './token.ts';

export type Alignment = {
  /** Position in A's list of each row of B's: a bijection. */
  readonly positions: Uint32Array;
  /** 1 at the positions of A's list whose token B has. */
  readonly matched: Uint8Array;
};

const WORDS = TOKEN_BYTES / 4;

/** Open addressing by the first word of a token: tokens are uniform already. Public values only. */
class TokenIndex {
  readonly #slots: Int32Array;
  readonly #words: Uint32Array;

  constructor(words: Uint32Array) {
    const n = words.length / WORDS;
    this.#words = words;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * n + 2))).fill(-1);
    for (let i = 0; i < n; i += 1) {
      const slot = this.#slot(words, i);
      check(this.#slots[slot] === -1, 'MALFORMED_MESSAGE', 'equal tokens in one list');
      this.#slots[slot] = i;
    }
  }

  /** The position of token `row` of another list, or −1. */
  find(words: Uint32Array, row: number): number {
    return this.#slots[this.#slot(words, row)] as number;
  }

  #slot(words: Uint32Array, row: number): number {
    const mask = this.#slots.length - 1;
    let slot = (words[row * WORDS] as number) & mask;
    for (;;) {
      const held = this.#slots[slot] as number;
      if (held === -1 || this.#equal(held, words, row)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equal(held: number, words: Uint32Array, row: number): boolean {
    for (let k = 0; k < WORDS; k += 1) {
      if (this.#words[held * WORDS + k] !== words[row * WORDS + k]) return false;
    }
    return true;
  }
}

const wordsOf = (tokens: Uint8Array): Uint32Array => new Uint32Array(tokens.slice().buffer);

/** Refuses lists of different lengths and a list with equal tokens with MALFORMED_MESSAGE. */
export function align(tokensOfA: Uint8Array, tokensOfB: Uint8Array, rng: Rng): Alignment {
  const n = tokensOfA.length / TOKEN_BYTES;
  const whole = Number.isInteger(n) && n > 0 && tokensOfB.length === tokensOfA.length;
  check(whole, 'MALFORMED_MESSAGE', 'lists of tokens of different lengths');
  const index = new TokenIndex(wordsOf(tokensOfA));
  const theirs = wordsOf(tokensOfB);
  const positions = new Uint32Array(n);
  const matched = new Uint8Array(n);
  const waiting: number[] = [];
  for (let row = 0; row < n; row += 1) {
    const at = index.find(theirs, row);
    if (at === -1) {
      waiting.push(row);
    } else {
      check(matched[at] === 0, 'MALFORMED_MESSAGE', 'equal tokens in one list');
      matched[at] = 1;
      positions[row] = at;
    }
  }
  const free: number[] = [];
  for (let at = 0; at < n; at += 1) if (matched[at] === 0) free.push(at);
  const order = permutation(free.length, rng);
  waiting.forEach((row, i) => {
    positions[row] = free[order[i] as number] as number;
  });
  return { positions, matched };
}

/** Refuses with MALFORMED_MESSAGE what is no bijection of 0 to n − 1: a person counts once. */
export function checkBijection(positions: Uint32Array): void {
  const seen = new Uint8Array(positions.length);
  for (const at of positions) {
    check(at < seen.length && seen[at] === 0, 'MALFORMED_MESSAGE', 'alignment is no bijection');
    seen[at] = 1;
  }
}
