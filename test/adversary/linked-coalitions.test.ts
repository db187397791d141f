/**
 * What each party of a linked run, and each coalition of two, can make of everything it received. Identifiers can be guessed:
 * the attacker has a list of all of them. Each attack is run where it works as well, its positive control.
 *
 *     sandbox            tokens of two lists              control: tokens without a key
 *     sandbox, A         and A's function on anything     control: tokens of A's function alone
 *     sandbox, B         and B's function on anything     control: tokens of B's function alone
 *     A, B               a seed; a bijection and a share  control: a share that is not masked
 *
 * That the bijection which B sees is uniform is in psi/tokens/alignment.stat.test.ts, that results have the noise of the
 * holder who is not in the coalition in flows/linked/noise.stat.slow.test.ts.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { itemHash } from '../../src/psi/items.ts';
import { shareMask } from '../../src/psi/tokens/mask-shares.ts';
import { FIELD_PRIME } from '../../src/psi/tokens/prime-field.ts';
import { exchangeTokens, joinOutputs } from '../../src/psi/tokens/token.ts';
import { oprfReceive } from '../../src/psi/vole/receiver.ts';
import { oprfSend } from '../../src/psi/vole/sender.ts';
import { pair } from '../support/linked-lab.ts';

/** Everybody there is: A has 0 to 19, B 10 to 29. */
const EVERYBODY = Array.from({ length: 40 }, (_, i) => `person ${i}`);
const OF_A = EVERYBODY.slice(0, 20);
const OF_B = EVERYBODY.slice(10, 30);
const SHARED = EVERYBODY.slice(10, 20);

const pieces = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / 16 }, (_, i) => bytes.subarray(16 * i, 16 * i + 16));
const texts = (bytes: Uint8Array): string[] => pieces(bytes).map(toHex);

/** `owner`'s function, fresh: on everybody, which its owner can compute alone, and on the other's list. */
async function functionOf(others: readonly string[]) {
  const [one, two] = pair().ends;
  const options = { rng: systemRng, peerLimit: EVERYBODY.length };
  const [own, theirs] = await Promise.all([
    oprfSend(EVERYBODY, one, options),
    oprfReceive(others, two, options),
  ]);
  return { onEverybody: pieces(own.tokens), onOthers: pieces(theirs.tokens) };
}

type Outputs = readonly Uint8Array[];

const tokensOf = (first: Outputs, second: Outputs): string[] => {
  const joined = (outputs: Outputs): Uint8Array => Uint8Array.from(outputs.flatMap((o) => [...o]));
  return texts(joinOutputs(joined(first), joined(second)));
};

/** Of the tokens that were shown, whom the guesses name. */
const named = (shown: readonly string[], guesses: ReadonlyMap<string, string>): string[] =>
  shown.flatMap((token) => guesses.get(token) ?? []).sort();

const at = (outputs: Outputs, people: readonly string[]): Uint8Array[] =>
  people.map((who) => outputs[EVERYBODY.indexOf(who)] ?? new Uint8Array(16));

describe('a coalition of the sandbox and one holder', () => {
  for (const [name, own, other] of [
    ['A', OF_A, OF_B],
    ['B', OF_B, OF_A],
  ] as const) {
    test(`with ${name}: learns which of its own people match, and tries no other name`, async () => {
      const mine = await functionOf(other);
      const theirs = await functionOf(own);
      // What the sandbox gets of the other holder: its own function on its list, and mine on it.
      const shown = tokensOf(mine.onOthers, at(theirs.onEverybody, other));

      // The holder has its function on everybody, the other's on its own list only: all combinations.
      const guesses = new Map<string, string>();
      EVERYBODY.forEach((who, i) => {
        const f = mine.onEverybody[i] ?? new Uint8Array(16);
        const known = theirs.onOthers;
        tokensOf(
          known.map(() => f),
          known,
        ).forEach((token) => guesses.set(token, who));
      });
      deepStrictEqual(named(shown, guesses), [...SHARED].sort());

      // Control: under one function alone the same coalition names everybody of the other's list.
      const single = tokensOf(mine.onOthers, mine.onOthers);
      const all = tokensOf(mine.onEverybody, mine.onEverybody);
      const dictionary = new Map(all.map((token, i) => [token, EVERYBODY[i] ?? '']));
      deepStrictEqual(named(single, dictionary), [...other].sort());
    });
  }
});

test('the sandbox alone sees how many tokens are equal and names nobody', async () => {
  const [one, two] = pair().ends;
  const [a, b] = (
    await Promise.all([exchangeTokens('first', OF_A, one), exchangeTokens('second', OF_B, two)])
  ).map(texts);
  const common = (a ?? []).filter((token) => b?.includes(token));
  equal(common.length, SHARED.length);
  const hash = (who: string): string => toHex(itemHash(utf8(who)));
  const guesses = new Map(EVERYBODY.map((who) => [hash(who), who]));
  deepStrictEqual(named(a ?? [], guesses), []);
  // Control: tokens without a key.
  deepStrictEqual(named(OF_A.map(hash), guesses), [...OF_A].sort());
  // Nor are they the tokens of another run of the same people.
  const [three, four] = pair().ends;
  const [again] = await Promise.all([
    exchangeTokens('first', OF_A, three),
    exchangeTokens('second', OF_B, four),
  ]);
  deepStrictEqual(
    texts(again).filter((token) => a?.includes(token)),
    [],
  );
});

describe('a holder alone', () => {
  const ROWS = 4096;
  const BINS = 16;
  /** Chi-square with 15 degrees of freedom: above 51.4 with probability 7·10^-6; alpha = 10^-5. */
  const LIMIT = 51.4;
  const spread = (values: ArrayLike<number>): number => {
    const counts = new Array<number>(BINS).fill(0);
    for (let i = 0; i < values.length; i += 1) {
      const bin = Math.floor((BINS * (values[i] ?? 0)) / FIELD_PRIME);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const expected = values.length / BINS;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  };

  test('B: its share is uniform whoever matched; A: its seed is drawn and no function of who did', () => {
    for (const matched of [0, 1]) {
      const { seed, rest } = shareMask(new Uint8Array(ROWS).fill(matched), systemRng);
      ok(spread(rest) < LIMIT, `chi squared ${spread(rest)}`);
      equal(seed.length, 32);
    }
    // The seed is what the random generator gave, before the mask is looked at.
    const fixed = (n: number): Uint8Array => new Uint8Array(n).fill(7);
    const seeds = [0, 1].map((one) => shareMask(new Uint8Array(8).fill(one), fixed).seed);
    deepStrictEqual(seeds[0], seeds[1]);
  });

  test('control: a mask that is not shared is anything but uniform', () => {
    ok(spread(new Uint8Array(ROWS).fill(1)) > LIMIT);
  });
});
