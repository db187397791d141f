/**
 * Many small signed integers in one plaintext: Σ v_i 2^(w i), signed, mod n.
 *
 * A slot holds the sum of up to `additions` values of at most `bound`, so |slot| ≤ bound·additions and
 *     w = bits(bound·additions) + 1 (sign) + GUARD.
 * Slots are read from the lowest up as centred digits, which takes care of the borrow of a negative
 * neighbour. Sums never carry into a neighbour while the bounds hold; `terms` travels with the
 * ciphertext and the operation that would break them is refused before it happens. GUARD bits are
 * there for what cannot be checked under encryption, a value out of range that somebody else packed:
 * an overflow of less than 2^GUARD times the capacity shows as a digit outside it, and the whole
 * plaintext is refused. A larger one, or one that lands inside the capacity, does not show.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { type Ciphertext, decrypt, encrypt, multiple, sum } from './encryption.ts';
import { bitLength, mod } from './integers.ts';
import type { PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';
import type { Randomiser } from './randomiser.ts';

const GUARD = 16;

export type Packing = {
  /** |v| of every value packed. */
  readonly bound: bigint;
  /** Additions of such values to one slot, multiples counted by their factor. */
  readonly additions: bigint;
  readonly width: bigint;
  readonly slots: number;
};

export type Packed = {
  readonly ciphertext: Ciphertext;
  readonly packing: Packing;
  readonly count: number;
  /** How many values of at most `bound` each slot is the sum of. */
  readonly terms: bigint;
};

/** Refuses with PLAINTEXT_RANGE where not even one slot fits the key. */
export function packing(publicKey: PublicKey, bound: bigint, additions: number): Packing {
  check(bound > 0n, 'INVALID_PARAMETER', 'bound below 1');
  check(Number.isSafeInteger(additions) && additions > 0, 'INVALID_PARAMETER', 'additions');
  const width = BigInt(bitLength(bound * BigInt(additions)) + 1 + GUARD);
  // |Σ| < 2^(w slots − 1) must stay below n/2 ≥ 2^(bits − 2).
  const slots = Number(BigInt(publicKey.bits - 1) / width);
  check(slots > 0, 'PLAINTEXT_RANGE', 'a slot does not fit the modulus');
  return { bound, additions: BigInt(additions), width, slots };
}

/** The plaintext in [0, n) that holds at most `layout.slots` values. */
export function packedPlaintext(
  { n }: PublicKey,
  layout: Packing,
  values: readonly bigint[],
): bigint {
  const count = values.length;
  check(count > 0 && count <= layout.slots, 'PLAINTEXT_RANGE', `${count} values in a plaintext`);
  let plaintext = 0n;
  values.forEach((value, slot) => {
    const fits = value >= -layout.bound && value <= layout.bound;
    check(fits, 'PLAINTEXT_RANGE', `value ${slot} is over the bound`);
    plaintext += value << (layout.width * BigInt(slot));
  });
  return mod(plaintext, n);
}

/** Encrypts at most `layout.slots` values. */
export function encryptPacked(
  randomiser: Randomiser,
  layout: Packing,
  values: readonly bigint[],
  rng: Rng,
): Packed {
  const plaintext = packedPlaintext(randomiser.publicKey, layout, values);
  const ciphertext = encrypt(randomiser, plaintext, rng);
  return { ciphertext, packing: layout, count: values.length, terms: 1n };
}

const sameLayout = (a: Packed, b: Packed): boolean =>
  a.count === b.count &&
  a.packing.bound === b.packing.bound &&
  a.packing.additions === b.packing.additions;

/** Slot by slot. PLAINTEXT_RANGE where the sum has more terms than the layout was made for. */
export function sumPacked(randomiser: Randomiser, parts: readonly Packed[], rng: Rng): Packed {
  const [first] = parts;
  check(first !== undefined, 'INVALID_PARAMETER', 'nothing to sum');
  for (const part of parts) check(sameLayout(first, part), 'INVALID_PARAMETER', 'unequal layouts');
  const terms = parts.reduce((total, part) => total + part.terms, 0n);
  check(terms <= first.packing.additions, 'PLAINTEXT_RANGE', `${terms} additions to a slot`);
  const ciphertext = sum(
    randomiser,
    parts.map((part) => part.ciphertext),
    rng,
  );
  return { ...first, ciphertext, terms };
}

/** Every slot times `factor`, which counts as that many additions. */
export function multiplePacked(
  randomiser: Randomiser,
  part: Packed,
  factor: bigint,
  rng: Rng,
): Packed {
  const terms = part.terms * (factor < 0n ? -factor : factor);
  check(terms <= part.packing.additions, 'PLAINTEXT_RANGE', `${terms} additions to a slot`);
  return { ...part, ciphertext: multiple(randomiser, part.ciphertext, factor, rng), terms };
}

/** The slots. PLAINTEXT_RANGE where a digit is outside what its terms can sum to. */
export function decryptPacked(key: PrivateKey, part: Packed, rng: Rng): bigint[] {
  const { n } = key.publicKey;
  const { width, bound } = part.packing;
  const plaintext = decrypt(key, part.ciphertext, rng);
  let rest = plaintext > n / 2n ? plaintext - n : plaintext;
  const half = 1n << (width - 1n);
  const largest = bound * part.terms;
  const values = Array.from({ length: part.count }, () => {
    const digit = mod(rest + half, 1n << width) - half;
    rest = (rest - digit) >> width;
    return digit;
  });
  const within = values.every((value) => value >= -largest && value <= largest);
  check(rest === 0n && within, 'PLAINTEXT_RANGE', 'a slot has overflowed');
  return values;
}
