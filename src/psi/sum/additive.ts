/**
 * What the sum protocol asks of an additively homomorphic encryption, and its sizes. The scheme is
 * passed in: this folder knows no encryption.
 *
 * A plaintext has one slot for each column. The scheme must hide plaintexts (IND-CPA) from who has
 * the public key, and `sum` must give a ciphertext with fresh randomness: one that says nothing of
 * which ciphertexts went into it.
 *
 * Sizes    A value is an integer of at most 5·10^10 and 20,000 rows add up to at most 10^15 < 2^50. The mask of
 *          a slot is uniform in [−2^90, 2^90): a masked sum is within 2^-41 of uniform whatever the sum.
 * @module
 */
import type { Rng } from '../../base/rng.ts';

export const MOST_SUM_ROWS = 20_000;
export const MOST_SUM_COLUMNS = 16;
/** |v| of every value. */
export const LARGEST_VALUE = 50_000_000_000n;
export const MASK_BITS = 90n;

/** What a plaintext holds. */
export type Slots = {
  readonly count: number;
  /** |v| of what is put into a slot. */
  readonly bound: bigint;
  /** How many ciphertexts are added up at most. */
  readonly additions: number;
};

export const slotsOf = (columns: number): Slots => ({
  count: columns,
  bound: 1n << MASK_BITS,
  additions: MOST_SUM_ROWS + 1,
});

/** The key pair of the party that owns the columns. */
export type AdditiveKey = Disposable & {
  /** As it goes over the wire. */
  readonly publicKey: Uint8Array;
  /** Every ciphertext has this length. */
  readonly ciphertextBytes: number;
  /** A ciphertext of each row, in order. */
  encryptRows(rows: readonly (readonly bigint[])[], rng: Rng): Promise<readonly Uint8Array[]>;
  /** The slots of a sum. Refuses what is no ciphertext of this key as MALFORMED_MESSAGE. */
  decrypt(ciphertext: Uint8Array, rng: Rng): readonly bigint[];
};

/** What the other party can do with the public key. */
export type AdditivePublicKey = {
  readonly ciphertextBytes: number;
  encrypt(values: readonly bigint[], rng: Rng): Uint8Array;
  /** Of at least one ciphertext. Refuses what is none as MALFORMED_MESSAGE. */
  sum(ciphertexts: readonly Uint8Array[], rng: Rng): Uint8Array;
};

export type AdditiveScheme = {
  generate(slots: Slots, rng: Rng): AdditiveKey;
  /** Refuses what is no public key as MALFORMED_MESSAGE or ENCRYPTION_PARAMETERS. */
  read(publicKey: Uint8Array, slots: Slots): AdditivePublicKey;
};
