/**
 * Check rows: what lets a holder without its rows notice a sandbox that computed something else.
 *
 * 64 of the 8192 slots of every block, the same ones in each and known to the holder alone, carry no
 * person but pseudo-random values inside the columns' bounds ("ringers": Golle, Mironov, "Uncheatable
 * distributed computations", CT-RSA 2001). They are encrypted, so the sandbox cannot tell them from people.
 * A result is the sum of each slot over the blocks: in a check slot the holder can compute it from
 * its key alone, and in every slot the public bounds limit it.
 *
 * Caught      a result that differs in a share f of the slots passes with probability (1 − f)^64 or so:
 *             leaving out a block, another column, another plan change all slots.
 * Not caught  a change of few slots, which a sandbox can make by multiplying with or adding a
 *             plaintext: one slot is a check slot in 1 of 128 cases only, and moves the sum by at most
 *             the bounds of the people in it. Exact values need the rows (plain.ts). Nor another table
 *             encrypted under the same key, for it has the same check rows: one table, one key.
 * One bit     refusing tells the sandbox that it hit a check slot. A holder stops after the first.
 * @module
 */
import { deriveKey, keyStream } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import { CHECK_SLOTS, N } from './parameters.ts';
import { type Code, codeRange, type Column } from './schema.ts';

export type SlotLayout = {
  /** Where people go, ascending. */
  readonly people: Uint16Array;
  readonly checks: Uint16Array;
};

/** 32-bit words for a purpose. The bias of reducing them matters to nobody: they only have to be unknown. */
function words(key: Secret, purpose: string, count: number): Uint32Array {
  using derived = deriveKey(key, purpose);
  return new Uint32Array(keyStream(derived, 4 * count).slice().buffer);
}

/** The check slots: the head of a shuffle (Fisher, Yates) of all slots. */
export function slotLayout(checkKey: Secret): SlotLayout {
  const draws = words(checkKey, 'check slots', CHECK_SLOTS);
  const slots = Uint16Array.from({ length: N }, (_, i) => i);
  for (let i = 0; i < CHECK_SLOTS; i += 1) {
    const j = i + ((draws[i] ?? 0) % (N - i));
    const chosen = slots[j] ?? 0;
    slots[j] = slots[i] ?? 0;
    slots[i] = chosen;
  }
  return {
    checks: slots.slice(0, CHECK_SLOTS).sort(),
    people: slots.slice(CHECK_SLOTS).sort(),
  };
}

/** The codes of a column in the check slots of a block, in the order of `checks`. */
export function checkCodes(checkKey: Secret, name: string, column: Column, block: number): Code[] {
  const draws = words(checkKey, `check rows ${name} ${block}`, 2 * CHECK_SLOTS);
  const [low, high] = codeRange(column);
  return Array.from({ length: CHECK_SLOTS }, (_, i) => {
    if ('nullable' in column && (draws[2 * i] ?? 0) % 4 === 0) return null;
    return low + ((draws[2 * i + 1] ?? 0) % (high - low + 1));
  });
}
