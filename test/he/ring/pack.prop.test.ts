/** Packing is a bijection between polynomials and the byte strings the decoder accepts. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { pack, splitPacked, unpack } from '../../../src/he/ring/pack.ts';
import { checkParameters, RLWE_4096 } from '../../../src/he/ring/parameters.ts';
import { coefficientsOf } from '../../../src/he/ring/polynomial.ts';
import { publicValues } from '../../../src/he/collective/seed.ts';
import { powModUnsafe } from '../../../src/kernels/modular.ts';
import { refusal } from '../../support/refusal.ts';
import { digest, smallParameters } from '../support.ts';

const malformed = refusal('MALFORMED_MESSAGE');
const small = smallParameters(16);
/** 7681 has 13 bits, so 16 residues fill 26 bytes; 97 has 7 bits and fills 14. */
const narrow = checkParameters({
  ...RLWE_4096,
  id: 'test-narrow',
  n: 16,
  limbs: [
    { q: 7681, psi: powModUnsafe(17, 7680 / 32, 7681) },
    { q: 97, psi: powModUnsafe(5, 96 / 32, 97) },
  ],
  plaintextModulus: 2n ** 8n,
});

const polynomial = (parameters: typeof small) =>
  fc
    .tuple(
      ...parameters.limbs.map(({ q }) =>
        fc
          .array(fc.oneof(fc.constantFrom(0, 1, q - 1), fc.nat(q - 1)), {
            minLength: parameters.n,
            maxLength: parameters.n,
          })
          .map((values) => Uint32Array.from(values)),
      ),
    )
    .map((limbs) => coefficientsOf(limbs));

/** The format by its definition: residue j at bits [j bits, (j + 1) bits) of its plane. */
function packByBits(parameters: typeof small, limbs: readonly Uint32Array[]): Uint8Array {
  const planes = parameters.limbs.map(({ bits }, i) => {
    const plane = new Uint8Array(Math.ceil((parameters.n * bits) / 8));
    limbs[i]?.forEach((residue, j) => {
      for (let b = 0; b < bits; b++) {
        const at = j * bits + b;
        plane[at >> 3] = (plane[at >> 3] ?? 0) | (((residue >>> b) & 1) << (at & 7));
      }
    });
    return plane;
  });
  return Uint8Array.from(planes.flatMap((plane) => [...plane]));
}

for (const parameters of [small, narrow]) {
  test(`${parameters.id}: round trip and the definition bit by bit`, () => {
    fc.assert(
      fc.property(polynomial(parameters), (a) => {
        const bytes = pack(parameters, a);
        equal(bytes.length, parameters.polynomialBytes);
        deepStrictEqual(bytes, packByBits(parameters, a.limbs));
        deepStrictEqual(unpack(parameters, bytes), a);
      }),
    );
  });
}

test('every accepted byte string is the packing of what it decodes to', () => {
  const bytes = fc.uint8Array({
    minLength: small.polynomialBytes,
    maxLength: small.polynomialBytes,
  });
  fc.assert(
    fc.property(bytes, (candidate) => {
      try {
        deepStrictEqual(pack(small, unpack(small, candidate)), candidate);
      } catch (error) {
        equal(malformed(error), true);
      }
    }),
  );
});

test('full size, also from an unaligned view', () => {
  const a = coefficientsOf(publicValues(RLWE_4096, digest('key'), digest('run'), 0).limbs);
  const bytes = pack(RLWE_4096, a);
  equal(bytes.length, 54_272);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  deepStrictEqual(unpack(RLWE_4096, shifted.subarray(1)), a);
});

describe('refusals', () => {
  const zero = coefficientsOf(small.limbs.map(() => new Uint32Array(16)));
  const good = pack(small, zero);

  test('control: the bytes they are made from are accepted', () => {
    deepStrictEqual(unpack(small, good), zero);
  });
  test('truncated, extended and empty', () => {
    for (const bad of [good.slice(1), Uint8Array.of(...good, 0), new Uint8Array(0)]) {
      throws(() => unpack(small, bad), malformed);
    }
  });
  test('a residue equal to its modulus, in every limb, first and last', () => {
    small.limbs.forEach(({ q }, i) => {
      for (const j of [0, 7, 15]) {
        const limbs = zero.limbs.map((limb) => limb.slice());
        limbs[i]?.fill(q - 1);
        deepStrictEqual(unpack(small, pack(small, coefficientsOf(limbs))).limbs, limbs);
        limbs[i]?.fill(q, j, j + 1);
        throws(() => unpack(small, pack(small, coefficientsOf(limbs))), malformed);
      }
    });
  });
  test('all ones', () => {
    throws(() => unpack(small, new Uint8Array(small.polynomialBytes).fill(255)), malformed);
  });
  test('a polynomial of another shape', () => {
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => pack(small, coefficientsOf(zero.limbs.slice(1))), invalid);
    throws(() => pack(small, coefficientsOf(zero.limbs.map((l) => l.slice(1)))), invalid);
  });
  test('splitPacked: no part, a part too much, half a part', () => {
    const two = Uint8Array.of(...good, ...good);
    deepStrictEqual(splitPacked(small, two), [good, good]);
    throws(() => splitPacked(small, new Uint8Array(0)), malformed);
    throws(() => splitPacked(small, two, 1), malformed);
    throws(() => splitPacked(small, two.slice(0, -1)), malformed);
  });
});
