/**
 * Polynomials of R_q in residue form as values that can be handed around, and the ring that they
 * belong to. What is done for every ciphertext runs on the registers of `Ring.machine` instead.
 *
 * A polynomial is one array of n residues in [0, q_i) for each limb, either as coefficients or as
 * values at the roots of X^n + 1 in the kernel's order. The two forms are different types, so that
 * a product of coefficients does not compile.
 * @module
 */
import { check } from '../../base/errors.ts';
import { RlweMachine } from '../../kernels/rlwe.ts';
import { type Codec, codecOf } from './codec.ts';
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

/** The ring of one parameter set, with its tables. `ringOf` makes and keeps one for each set. */
export class Ring {
  readonly parameters: Parameters;
  readonly machine: RlweMachine;
  readonly codec: Codec;

  constructor(parameters: Parameters) {
    this.parameters = parameters;
    this.machine = new RlweMachine(parameters.n, parameters.limbs);
    this.codec = codecOf(parameters);
  }

  /** One array a limb, from a function of the limb. */
  coefficients(make: (limb: Limb, index: number) => Uint32Array): Coefficients {
    return coefficientsOf(this.parameters.limbs.map(make));
  }

  transform(a: Coefficients): Values {
    return valuesOf(this.#run([a], () => this.machine.forward(0)));
  }

  /** a b in R_q. */
  product(a: Values, b: Values): Coefficients {
    return coefficientsOf(
      this.#run([a, b], () => {
        this.machine.multiply(0, 0, 1);
        this.machine.inverse(0);
      }),
    );
  }

  add(a: Coefficients, b: Coefficients): Coefficients {
    return coefficientsOf(this.#run([a, b], () => this.machine.add(0, 0, 1)));
  }

  subtract(a: Coefficients, b: Coefficients): Coefficients {
    return coefficientsOf(this.#run([a, b], () => this.machine.subtract(0, 0, 1)));
  }

  /** Loads registers from 0 up, runs, takes register 0, wipes. */
  #run(operands: readonly (Coefficients | Values)[], steps: () => void): Uint32Array[] {
    operands.forEach(({ limbs }, register) => this.machine.load(register, limbs));
    steps();
    const result = this.machine.read(0);
    this.machine.wipe(...operands.keys());
    return result;
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
