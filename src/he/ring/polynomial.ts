/**
 * Polynomials of R_q in residue form, and the arithmetic of the ring.
 *
 * A polynomial is one array of n residues in [0, q_i) for each limb, either as coefficients or as
 * values at the roots of X^n + 1 in the kernel's order. The two forms are different types, so that
 * a product of coefficients does not compile.
 *
 * Sums are element by element with masked corrections instead of branches. JavaScript is not
 * constant time: what is claimed is a fixed operation sequence, and nothing about the engine.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Ntt } from '../../kernels/ntt.ts';
import type { Limb, Parameters } from './parameters.ts';

/** limbs[i][j]: coefficient of X^j modulo q_i, in [0, q_i). */
export type Coefficients = {
  readonly form: 'coefficients';
  readonly limbs: readonly Uint32Array[];
};

/** limbs[i][k]: value at psi_i^(2 brv(k) + 1) modulo q_i, in [0, q_i). */
export type Values = { readonly form: 'values'; readonly limbs: readonly Uint32Array[] };

export const coefficientsOf = (limbs: readonly Uint32Array[]): Coefficients => ({
  form: 'coefficients',
  limbs,
});

export const valuesOf = (limbs: readonly Uint32Array[]): Values => ({ form: 'values', limbs });

/** Overwrites with zeros; for what was made from a secret. Best effort, as in base/secret.ts. */
export function wipe(...polynomials: readonly (Coefficients | Values)[]): void {
  for (const { limbs } of polynomials) for (const limb of limbs) limb.fill(0);
}

/** a + b mod q, element by element. */
export function addResidues(a: Uint32Array, b: Uint32Array, q: number): Uint32Array {
  const out = new Uint32Array(a.length);
  for (let j = 0; j < out.length; j++) {
    const x = ((a[j] as number) + (b[j] as number) - q) | 0;
    out[j] = x + (q & (x >> 31));
  }
  return out;
}

/** a − b mod q, element by element. */
export function subtractResidues(a: Uint32Array, b: Uint32Array, q: number): Uint32Array {
  const out = new Uint32Array(a.length);
  for (let j = 0; j < out.length; j++) {
    const x = ((a[j] as number) - (b[j] as number)) | 0;
    out[j] = x + (q & (x >> 31));
  }
  return out;
}

/** The ring of one parameter set, with its transforms. `ringOf` makes and keeps one for each set. */
export class Ring {
  readonly parameters: Parameters;
  readonly #transforms: readonly Ntt[];

  constructor(parameters: Parameters) {
    this.parameters = parameters;
    this.#transforms = parameters.limbs.map(({ q, psi }) => new Ntt(parameters.n, q, psi));
  }

  /** One array a limb, from a function of the limb. */
  coefficients(make: (limb: Limb, index: number) => Uint32Array): Coefficients {
    return coefficientsOf(this.parameters.limbs.map(make));
  }

  transform(a: Coefficients): Values {
    return valuesOf(a.limbs.map((limb, i) => this.#at(i).forward(limb)));
  }

  /** a b in R_q. */
  product(a: Values, b: Values): Coefficients {
    return coefficientsOf(
      this.#transforms.map((ntt, i) => ntt.multiplyInverse(limbOf(a, i), limbOf(b, i))),
    );
  }

  add(a: Coefficients, b: Coefficients): Coefficients {
    return this.coefficients(({ q }, i) => addResidues(limbOf(a, i), limbOf(b, i), q));
  }

  subtract(a: Coefficients, b: Coefficients): Coefficients {
    return this.coefficients(({ q }, i) => subtractResidues(limbOf(a, i), limbOf(b, i), q));
  }

  /** words[j] factors[i] mod q_i for 32-bit words and one public factor in [0, q_i) a limb. */
  scaleWords(words: Uint32Array, factors: readonly number[]): Coefficients {
    return coefficientsOf(this.#transforms.map((ntt, i) => ntt.scale(words, factors[i] ?? 0)));
  }

  /** As `scaleWords`, limb by limb: a.limbs[i][j] factors[i] mod q_i. */
  scale(a: Coefficients, factors: readonly number[]): Coefficients {
    return coefficientsOf(
      this.#transforms.map((ntt, i) => ntt.scale(limbOf(a, i), factors[i] ?? 0)),
    );
  }

  #at(index: number): Ntt {
    const ntt = this.#transforms[index];
    check(ntt !== undefined, 'INVALID_PARAMETER', `limb ${index}`);
    return ntt;
  }
}

/** Limb `index`; INVALID_PARAMETER when there is none. */
export function limbOf(polynomial: Coefficients | Values, index: number): Uint32Array {
  const limb = polynomial.limbs[index];
  check(limb !== undefined, 'INVALID_PARAMETER', `limb ${index}`);
  return limb;
}

/** Tables are a pure function of the parameters; a worker builds them once. */
const rings = new WeakMap<Parameters, Ring>();

export function ringOf(parameters: Parameters): Ring {
  const known = rings.get(parameters);
  if (known !== undefined) return known;
  const ring = new Ring(parameters);
  rings.set(parameters, ring);
  return ring;
}
