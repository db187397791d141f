/**
 * A's key of one run, columns under it, and B's products with them.
 *
 * The key is drawn after the mask arrived, opens what B made and nothing else, and is wiped at the end of
 * the run. Columns are seeded ciphertexts, numbered in the order in which both sides name them.
 * n = 8192 carries t of 40 bits, weights of 40 bits and flooding of 64 bits over 2^22 rows.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { MOST_SUMS } from '../../cohort/linked/limits.ts';
import { publicPolynomials } from '../../he/collective/seed.ts';
import { splitPacked } from '../../he/ring/pack.ts';
import { rlweParameters } from '../../he/ring/parameters.ts';
import { ringOf } from '../../he/ring/polynomial.ts';
import { drawTernary, type TernaryKey } from '../../he/ring/ternary.ts';
import { type Column, InnerProduct, readColumn } from '../../he/rlwe/inner-product.ts';
import { ownPublicKey, type PublicKey } from '../../he/rlwe/public-key.ts';
import { ciphertextsFor, decryptOwn, encryptBlocks } from '../../he/rlwe/symmetric.ts';
import { encodeWeights, type Weights } from '../../he/rlwe/weights.ts';
import { CHECK_ROUNDS } from '../../psi/tokens/mask-check.ts';
import { FIELD_PRIME, type Residues, residueWords } from '../../psi/tokens/prime-field.ts';

const PARAMETERS = rlweParameters(8192, BigInt(FIELD_PRIME));

/** Results that one key opens, at most. */
const OPENED = MOST_SUMS + CHECK_ROUNDS;

export const PUBLIC_KEY_BYTES: number = PARAMETERS.polynomialBytes;
export const ANSWER_BYTES: number = 2 * PARAMETERS.polynomialBytes;
export const columnBytes = (rows: number): number =>
  ciphertextsFor(PARAMETERS, rows) * PARAMETERS.polynomialBytes;

const keyDigest = (run: Digest): Digest => transcriptDigest('kakehashi/linked-key/1', [run]);

const publicsOf = (run: Digest): ReturnType<typeof publicPolynomials> =>
  publicPolynomials(ringOf(PARAMETERS), keyDigest(run), run);

/** A's side. */
export class RunKey implements Disposable {
  /** p, packed. */
  readonly publicBytes: Uint8Array;
  readonly #key: TernaryKey;
  readonly #run: Digest;
  readonly #rng: Rng;
  #ciphertexts = 0;

  constructor(run: Digest, rng: Rng) {
    this.#run = run;
    this.#rng = rng;
    this.#key = { parameters: PARAMETERS.id, secret: drawTernary(PARAMETERS, 'run key', rng) };
    this.publicBytes = ownPublicKey(PARAMETERS, this.#key, keyDigest(run), rng).packed;
  }

  /** The next column, packed. */
  encrypt(residues: Residues): Uint8Array {
    const slots = new BigUint64Array(residueWords(residues).buffer);
    const first = this.#ciphertexts;
    this.#ciphertexts += ciphertextsFor(PARAMETERS, slots.length);
    const ring = ringOf(PARAMETERS);
    const publics = publicsOf(this.#run);
    const out = encryptBlocks(ring, this.#key, publics, slots, this.#rng, first);
    slots.fill(0n);
    return out;
  }

  /** The constant coefficient of an answer, centred. */
  open(answer: Uint8Array): bigint {
    const [c0, c1] = splitPacked(PARAMETERS, answer, 2);
    check(c0 !== undefined && c1 !== undefined, 'MALFORMED_MESSAGE', 'answer');
    const slots = decryptOwn(ringOf(PARAMETERS), this.#key, [c0, c1]);
    const [first = 0n] = slots;
    slots.fill(0n);
    return first;
  }

  [Symbol.dispose](): void {
    this.#key.secret[Symbol.dispose]();
  }
}

/** Residues, or smaller weights, as what columns are multiplied by. */
export function weightsOf(residues: Residues, bound = BigInt(FIELD_PRIME - 1)): Weights {
  const integers = new BigInt64Array(residueWords(residues).buffer);
  const weights = encodeWeights(PARAMETERS, integers, bound);
  integers.fill(0n);
  return weights;
}

/** B's side. */
export class RunColumns {
  readonly #owner: PublicKey;
  readonly #run: Digest;
  #ciphertexts = 0;

  constructor(run: Digest, publicBytes: Uint8Array) {
    this.#run = run;
    this.#owner = {
      parameters: PARAMETERS.id,
      key: keyDigest(run),
      holders: 1,
      packed: publicBytes,
    };
  }

  /** The next column that A sent. */
  read(packed: Uint8Array): Column {
    const column = readColumn(PARAMETERS, packed, publicsOf(this.#run), this.#ciphertexts);
    this.#ciphertexts += column.length;
    return column;
  }

  /** Σ ⟨column, weights⟩ + `added` mod t, for A to open. */
  product(terms: readonly (readonly [Column, Weights])[], added: bigint, rng: Rng): Uint8Array {
    const product = new InnerProduct(PARAMETERS, OPENED);
    for (const [column, weights] of terms) product.add(column, weights);
    return product.finish(this.#owner, added, rng);
  }
}
