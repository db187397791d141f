/**
 * The owner of an encrypted column tries to read the weights of the evaluator from the answer. c1 of a
 * plain product is c1 r, and c1 is public: one division gives r. The control does that on the
 * product alone; on what `InnerProduct.finish` returns the same division gives noise.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { publicPolynomials } from '../../src/he/collective/seed.ts';
import { splitPacked, unpackInto } from '../../src/he/ring/pack.ts';
import { rlweParameters } from '../../src/he/ring/parameters.ts';
import { coefficientsOf, ringOf } from '../../src/he/ring/polynomial.ts';
import { drawTernary } from '../../src/he/ring/ternary.ts';
import { InnerProduct, readColumn } from '../../src/he/rlwe/inner-product.ts';
import { ownPublicKey } from '../../src/he/rlwe/public-key.ts';
import { encryptBlocks } from '../../src/he/rlwe/symmetric.ts';
import { encodeMultiplier } from '../../src/he/rlwe/weights.ts';
import { invModUnsafe } from '../../src/kernels/modular.ts';
import { centredIntegers, digest, seededRng } from '../he/support.ts';

const P = rlweParameters(8192, 2n ** 40n);
const ring = ringOf(P);
const { machine } = ring;
const owner = { parameters: P.id, secret: drawTernary(P, 'owner', seededRng('owner')) };
const publicKey = ownPublicKey(P, owner, digest('owner'), seededRng('p'));
const publics = publicPolynomials(ring, digest('owner'), digest('run'));
const vector = new BigUint64Array(P.n).fill(1n);
const column = readColumn(P, encryptBlocks(ring, owner, publics, vector, seededRng('e')), publics);
const weights = BigInt64Array.from({ length: P.n }, (_, i) => BigInt((i * 7919) % 2001) - 1000n);
const encoded = encodeMultiplier(P, weights, 1000n);

/** The polynomial r with c1 r = `answer`, which is in register 0 as values. */
function divide(): bigint[] {
  const c1 = column[0]?.c1.limbs ?? [];
  const inverse = c1.map((limb, i) => limb.map((x) => invModUnsafe(x, P.limbs[i]?.q ?? 2)));
  machine.load(1, inverse);
  machine.multiply(0, 0, 1);
  machine.inverse(0);
  return centredIntegers(P, coefficientsOf(machine.read(0)));
}

test('control: c1 of the bare product gives the weights away', () => {
  machine.load(0, column[0]?.c1.limbs ?? []);
  machine.load(1, encoded.blocks[0]?.limbs ?? []);
  machine.multiply(0, 0, 1);
  deepStrictEqual(divide(), [...weights]);
});

test('the answer hides them: the quotient is nowhere near a weight', () => {
  const product = new InnerProduct(P, 64);
  product.add(column, encoded);
  const [, c1] = splitPacked(P, product.finish(publicKey, 0n, seededRng('f')), 2);
  ok(c1 !== undefined);
  unpackInto(ring, 0, c1);
  machine.forward(0);
  const quotient = divide();
  // Uniform modulo a q of 214 bits: below 2^190 with probability 2^-23 a coefficient.
  const small = quotient.filter((r) => r < 2n ** 190n && r > -(2n ** 190n)).length;
  ok(small < 5);
});
