/**
 * RFC 9496 appendix A, on the kernel and on its twin. vectors/rfc9496-ristretto255.json are the
 * values of the RFC as carried in paulmillr/noble-curves@ef106458 (test/rfc9496, MIT), unchanged.
 */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.ts';
import * as constants from '../../src/kernels/edwards25519.ts';
import * as reference from '../../src/kernels/reference/ristretto255.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { refusal } from '../support/refusal.ts';

type Vectors = {
  readonly multiplesOfGenerator_0_to_15: readonly string[];
  readonly badEncodings: readonly string[];
  readonly elementDerivation_sha512_of_label: readonly { label: string; encoded: string }[];
  readonly elementDerivation_uniform64: readonly { I: string; O: string }[];
};
const file = join(import.meta.dirname, 'vectors', 'rfc9496-ristretto255.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const multiples = vectors.multiplesOfGenerator_0_to_15.map(fromHex);
const group = new Ristretto255();
const scalar = (n: number): Uint8Array => constants.toLittleEndian(BigInt(n));

test('constants of section 4.1 are what they are called', () => {
  const { P, D, L, SQRT_M1, SQRT_AD_MINUS_ONE, INVSQRT_A_MINUS_D } = constants;
  const mod = (x: bigint): bigint => ((x % P) + P) % P;
  deepStrictEqual(mod(D * 121666n), mod(-121665n));
  deepStrictEqual(mod(SQRT_M1 ** 2n), P - 1n);
  deepStrictEqual(mod(SQRT_AD_MINUS_ONE ** 2n), mod(-D - 1n));
  deepStrictEqual(mod(INVSQRT_A_MINUS_D ** 2n * (-1n - D)), 1n);
  deepStrictEqual(constants.ONE_MINUS_D_SQ, mod(1n - D ** 2n));
  deepStrictEqual(constants.D_MINUS_ONE_SQ, mod((D - 1n) ** 2n));
  deepStrictEqual(toHex(constants.GENERATOR), toHex(multiples[1]!));
  deepStrictEqual(reference.multiply(reference.decode(multiples[1]!)!, L - 1n).y !== 1n, true);
});

test('A.1: multiples of the generator, by every way that leads to them', () => {
  const scalars = concat(...multiples.map((_, i) => scalar(i)));
  const all = concat(...multiples);
  const generators = concat(...multiples.map(() => multiples[1]!));
  deepStrictEqual(toHex(group.multiplyBase(scalars)), toHex(all));
  deepStrictEqual(toHex(group.multiply(generators, scalars)), toHex(all));
  let sum = reference.IDENTITY;
  for (const [i, encoded] of multiples.entries()) {
    deepStrictEqual(toHex(reference.encode(sum)), toHex(encoded));
    sum = reference.add(sum, reference.decode(multiples[1]!)!);
    if (i === 0) continue;
    deepStrictEqual(toHex(group.add(multiples[i - 1]!, multiples[1]!)), toHex(encoded));
    deepStrictEqual(toHex(group.subtract(encoded, multiples[1]!)), toHex(multiples[i - 1]!));
  }
  // 0 + 1 + ... + 15 times 1 is 120; 1·1 + 2·2 + 3·3 is 14.
  const ones = concat(...multiples.map(() => scalar(1)));
  deepStrictEqual(toHex(group.combine(all, ones)), toHex(group.multiplyBase(scalar(120))));
  const [elements, weights] = [multiples.slice(1, 4), [1, 2, 3].map(scalar)];
  deepStrictEqual(
    toHex(group.combine(concat(...elements), concat(...weights))),
    toHex(multiples[14]!),
  );
});

describe('A.2: bad encodings are refused', () => {
  test(`each of ${vectors.badEncodings.length}, alone and between good ones`, () => {
    deepStrictEqual(vectors.badEncodings.length, 29);
    for (const encoded of vectors.badEncodings) {
      const bad = fromHex(encoded);
      deepStrictEqual(reference.decode(bad), undefined);
      deepStrictEqual([...group.valid(concat(multiples[0]!, bad, multiples[2]!))], [1, 0, 1]);
      const malformed = refusal('MALFORMED_MESSAGE');
      throws(() => group.multiply(concat(multiples[2]!, bad), scalar(1)), malformed);
      throws(() => group.add(bad, multiples[1]!), malformed);
      throws(() => group.add(multiples[1]!, bad), malformed);
      throws(() => group.combine(bad, scalar(1)), malformed);
    }
  });
  test('the identity with bit 255 set, and bytes that are no whole encoding', () => {
    const top = new Uint8Array(32);
    top[31] = 0x80;
    deepStrictEqual([...group.valid(top)], [0]);
    throws(() => group.valid(new Uint8Array(33)), refusal('INVALID_PARAMETER'));
  });
});

test('A.3: element derivation from labels and from uniform bytes, with and without bit 255', () => {
  for (const { label, encoded } of vectors.elementDerivation_sha512_of_label) {
    const uniform = new Uint8Array(createHash('sha512').update(label).digest());
    deepStrictEqual(toHex(group.derive(uniform)), encoded);
  }
  const all = vectors.elementDerivation_uniform64;
  deepStrictEqual(all.length, 11);
  const uniform = concat(...all.map(({ I }) => fromHex(I)));
  deepStrictEqual(toHex(group.derive(uniform)), all.map(({ O }) => O).join(''));
  deepStrictEqual(toHex(group.multiplyDerived(uniform, scalar(1))), all.map(({ O }) => O).join(''));
  for (const { I, O } of all) {
    deepStrictEqual(toHex(reference.encode(reference.derive(fromHex(I)))), O);
  }
});
