/**
 * Inner products of a vector encrypted by its owner with weights that only the evaluator knows; the owner
 * gets them with the evaluator's additions and learns nothing else. The step of the linked aggregate.
 *
 *     owner      c0_b of its vector, seeded, under a key of its own for this run; a public key
 *     evaluator  Σ_b (c0_b, c1_b) r_b  +  Enc_owner(0)  +  encode(noise, uniform, ..., uniform)  +  flooding
 *     owner      decrypts: the constant coefficient is ⟨v, w⟩ + noise mod t, the others are uniform
 *
 * Papers     plaintext products as Fan, Vercauteren, ePrint 2012/144; flooding as security.ts.
 * Why Enc(0) c1 r is linear in r and c1 is known to the owner: without it one block is solved for r by a
 *            division. The fresh (p u + e0, crs u + e1) hides it under RLWE with secret u; what u and the
 *            products leave in the noise, flooding hides.
 * Adversary  semi-honest. The owner could send a vector that is no indicator; the flow checks that.
 * Leakage    to the owner: the inner product with the noise that was added. To the evaluator: lengths.
 * Noise      a static bound; the product that would pass q / 2t together with the flooding is refused
 *            with ENCRYPTION_PARAMETERS before it is made.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { freshNoise, productNoise, publicZeroNoise, sumNoise } from '../noise.ts';
import { splitPacked, unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { addCode } from '../ring/plaintext.ts';
import { type Ring, ringOf, type Values, valuesOf } from '../ring/polynomial.ts';
import type { UniformPolynomials } from '../ring/sample.ts';
import { SmudgingNoise } from '../ring/smudging.ts';
import { type Smudging, smudgingOver } from '../security.ts';
import { type PublicKey, PublicZeros } from './public-key.ts';
import { clearSlots, uniformSlots } from './uniform-slots.ts';
import type { Weights } from './weights.ts';

/** Registers: the two halves of the sum, one half of a ciphertext, weights. */
const [SUM0, SUM1, HALF, WEIGHT] = [0, 1, 2, 3];

/** A ciphertext as values, ready for products: one pair for each block. */
export type Column = readonly { readonly c0: Values; readonly c1: Values }[];

/**
 * Received c0 with their c1. Refuses with MALFORMED_MESSAGE what is not packed.
 *
 * @param first index of the first c1 of this column.
 */
export function readColumn(
  parameters: Parameters,
  packed: Uint8Array,
  publics: UniformPolynomials,
  first = 0,
): Column {
  const { machine } = ringOf(parameters);
  return splitPacked(parameters, packed).map((part, index) => {
    unpackInto(ringOf(parameters), HALF, part);
    machine.forward(HALF);
    const c0 = valuesOf(machine.read(HALF));
    publics.take(HALF, first + index);
    return { c0, c1: valuesOf(machine.read(HALF)) };
  });
}

/** What flooding must cover after products of noise `noise`; refuses what does not fit. */
export const floodingOver = (
  parameters: Parameters,
  noise: Rational,
  ciphertexts: number,
): Smudging =>
  smudgingOver(parameters, {
    noise: noise.plus(publicZeroNoise(parameters, 1)),
    terms: 1,
    ciphertexts,
    // The evaluator's own encoding rounds by up to 1/2.
    further: Rational.of(1, 2),
  });

type Sums = readonly [readonly Uint32Array[], readonly Uint32Array[]];

/** One result in the making; `finish` ends it. */
export class InnerProduct {
  readonly #ring: Ring;
  readonly #ciphertexts: number;
  /** The two halves so far, as values. The machine is free between calls. */
  #sums: Sums | undefined;
  #noise = Rational.ZERO;

  /** @param ciphertexts results that the owner's key will ever open, for the flooding. */
  constructor(parameters: Parameters, ciphertexts: number) {
    this.#ring = ringOf(parameters);
    this.#ciphertexts = ciphertexts;
    this.#ring.machine.clear(SUM0);
    const zero = this.#ring.machine.read(SUM0);
    this.#sums = [zero, zero];
  }

  /** Bound on the noise so far. */
  get noise(): Rational {
    return this.#noise;
  }

  /** Adds ⟨column, weights⟩. Refuses the product that the parameters cannot carry. */
  add(column: Column, { blocks, bound }: Weights): void {
    check(column.length === blocks.length, 'INVALID_PARAMETER', 'blocks of column and weights');
    const { machine, parameters } = this.#ring;
    const each = productNoise(parameters, freshNoise(parameters), bound);
    const noise = this.#noise.plus(sumNoise(each, blocks.length));
    floodingOver(parameters, noise, this.#ciphertexts);
    this.#load();
    column.forEach(({ c0, c1 }, index) => {
      machine.load(WEIGHT, blocks[index]?.limbs ?? []);
      machine.load(HALF, c0.limbs);
      machine.multiplyAdd(SUM0, HALF, WEIGHT);
      machine.load(HALF, c1.limbs);
      machine.multiplyAdd(SUM1, HALF, WEIGHT);
    });
    this.#sums = [machine.read(SUM0), machine.read(SUM1)];
    this.#noise = noise;
    machine.wipe(SUM0, SUM1, HALF, WEIGHT);
  }

  /**
   * Packed (c0, c1) for the owner, with `noise` mod t in the constant coefficient.
   *
   * @param owner the public key of whoever encrypted the columns.
   */
  finish(owner: PublicKey, noise: bigint, rng: Rng): Uint8Array {
    const { machine, parameters } = this.#ring;
    const law = floodingOver(parameters, this.#noise, this.#ciphertexts);
    this.#load();
    this.#sums = undefined;
    machine.inverse(SUM0);
    machine.inverse(SUM1);
    const zeros = new PublicZeros(this.#ring, owner, rng);
    zeros.into(HALF, WEIGHT);
    machine.add(SUM0, SUM0, HALF);
    machine.add(SUM1, SUM1, WEIGHT);
    const slots = uniformSlots(parameters, rng, noise);
    addCode(this.#ring, SUM0, slots);
    clearSlots(slots);
    using seed = new Secret('flooding seed', rng(32));
    new SmudgingNoise(this.#ring, law, seed).addTo(SUM0);
    const out = new Uint8Array(2 * parameters.polynomialBytes);
    machine.pack(SUM0, out);
    machine.pack(SUM1, out, parameters.polynomialBytes);
    zeros.wipe(SUM0, SUM1, HALF, WEIGHT);
    return out;
  }

  #load(): void {
    check(this.#sums !== undefined, 'PROTOCOL_STATE', 'an inner product after its end');
    const [first, second] = this.#sums;
    this.#ring.machine.load(SUM0, first);
    this.#ring.machine.load(SUM1, second);
  }
}
