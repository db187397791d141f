/**
 * The forward negacyclic transform: the WebAssembly kernel against the same butterflies in plain
 * JavaScript. The quadratic specification (kernels/reference) is the oracle of the check: whole up
 * to N = 1024, at eight places above, where all of it would take seconds.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { mulModUnsafe, powModUnsafe, reverseBits } from '../../src/kernels/modular.ts';
import { Ntt } from '../../src/kernels/ntt.ts';
import { forward as specification } from '../../src/kernels/reference/ntt.ts';
import { defineCase } from '../case.ts';

/** A 27-bit prime, 8170 · 2^14 + 1, with generator 3: transforms up to N = 8192. */
const Q = 133_857_281;
const GENERATOR = 3;
const WHOLE_CHECK = 1024;

export type Transform = {
  readonly ntt: Ntt;
  readonly input: Uint32Array;
  /** psi^brv(i): the factor of butterfly group i. */
  readonly factors: Uint32Array;
};

/** A transform of length `n` and a fixed input. */
export function transform(n: number): Transform {
  const psi = powModUnsafe(GENERATOR, (Q - 1) / (2 * n), Q);
  const bits = Math.log2(n);
  return {
    ntt: new Ntt(n, Q, psi),
    input: Uint32Array.from({ length: n }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 0) % Q),
    factors: Uint32Array.from({ length: n }, (_, i) => powModUnsafe(psi, reverseBits(i, bits), Q)),
  };
}

/**
 * a w mod q by an estimate of the quotient in a double, off by one at most, and 32-bit products:
 * about the best that plain JavaScript does.
 */
function multiply(a: number, w: number): number {
  const quotient = Math.floor(a * (w / Q));
  const rest = (Math.imul(a, w) - Math.imul(quotient, Q)) | 0;
  return rest < 0 ? rest + Q : rest >= Q ? rest - Q : rest;
}

/** Cooley-Tukey, natural order in, bit-reversed order out (Longa, Naehrig, ePrint 2016/504, alg. 1). */
function plain({ input, factors }: Transform): Uint32Array {
  const a = input.slice();
  for (let groups = 1, half = a.length >>> 1; half > 0; groups <<= 1, half >>>= 1) {
    for (let group = 0; group < groups; group += 1) {
      const factor = factors[groups + group] as number;
      const end = (2 * group + 1) * half;
      for (let j = 2 * group * half; j < end; j += 1) {
        const u = a[j] as number;
        const v = multiply(a[j + half] as number, factor);
        a[j] = u + v >= Q ? u + v - Q : u + v;
        a[j + half] = u >= v ? u - v : u - v + Q;
      }
    }
  }
  return a;
}

/** Value k of the specification alone: the polynomial at psi^(2 brv(k) + 1), by Horner. */
function valueAt(input: Uint32Array, psi: number, k: number): number {
  const root = powModUnsafe(psi, 2 * reverseBits(k, Math.log2(input.length)) + 1, Q);
  return input.reduceRight((sum, coefficient) => (mulModUnsafe(sum, root, Q) + coefficient) % Q, 0);
}

export default defineCase({
  name: 'kernel/ntt',
  timed: 'One forward transform through the binding. Size: N.',
  sizes: [1024, 2048, 4096, 8192],
  unit: 'us',
  setup: transform,
  check: (given) => {
    const { ntt, input } = given;
    const output = ntt.forward(input);
    deepStrictEqual(plain(given), output);
    deepStrictEqual(ntt.inverse(output), input);
    if (input.length <= WHOLE_CHECK) deepStrictEqual(output, specification(input, Q, ntt.psi));
    for (let k = 0; k < input.length; k += input.length / 8) {
      equal(output[k], valueAt(input, ntt.psi, k));
    }
  },
  contenders: {
    wasm: ({ ntt, input }) => ntt.forward(input),
    javascript: plain,
  },
  gate: { contender: 'wasm', against: 'javascript', atLeast: 2 },
});
