/**
 * OPRF(P-256, SHA-256), RFC 9497 section 4.3, for peers that must stay with NIST curves.
 *
 * The curve, P256_XMD:SHA-256_SSWU_RO_ (RFC 9380 section 8.2) and point validation are those of
 * @noble/curves, whose arithmetic is on bigint: variable time at the level of the engine, although
 * its multiplication has a fixed sequence. Where an adversary can time this process, use
 * ristretto255-SHA512. About a thirtieth of its speed.
 * @module
 */
import { p256, p256_hasher } from '@noble/curves/nist.js';
import { fromHex, toHex } from '../../base/bytes.ts';
import { check, refuseAs } from '../../base/errors.ts';
import { digest, messageExpander } from './expand-message.ts';
import type { OprfGroup } from './group.ts';

const [ELEMENT, SCALAR, DIGEST, WIDE] = [33, 32, 32, 48];
const { Point } = p256;
type P256Point = InstanceType<typeof Point>;
const { Fn } = Point;

/** OS2IP, big endian (RFC 8017 section 4.2). */
const integer = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);

function split(bytes: Uint8Array, size: number): Uint8Array[] {
  check(bytes.length % size === 0, 'MALFORMED_MESSAGE', `${bytes.length} bytes, items of ${size}`);
  return Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

/** The compressed form (SEC 1 section 2.3.4); the identity has none of this length. */
function decode(bytes: Uint8Array): P256Point {
  return refuseAs('MALFORMED_MESSAGE', 'not an element', () => {
    const point = Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  });
}

const encode = (point: P256Point): Uint8Array => {
  // A sum of honest elements is the identity with negligible probability, a forged proof's may be.
  check(!point.is0(), 'MALFORMED_MESSAGE', 'identity element');
  return Uint8Array.from(point.toBytes(true));
};

const encodeScalar = (scalar: bigint): Uint8Array =>
  fromHex(
    Fn.create(scalar)
      .toString(16)
      .padStart(2 * SCALAR, '0'),
  );

/** Parts of `size` bytes each as one: a call with a hundred thousand arguments overflows the stack. */
function pack(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(parts.length * size);
  parts.forEach((part, i) => {
    out.set(part, i * size);
  });
  return out;
}

/** `factors[i]`, or the one factor that serves all. */
const factorOf = (factors: readonly bigint[], i: number): bigint =>
  factors[factors.length === 1 ? 0 : i] ?? 0n;

function scalarsOf(bytes: Uint8Array, n: number): bigint[] {
  const list = split(bytes, SCALAR).map(integer);
  check(list.length === n || list.length === 1, 'INVALID_PARAMETER', `${list.length} for ${n}`);
  return list;
}

const product = (point: P256Point, factor: bigint): P256Point =>
  factor === 0n ? Point.ZERO : point.multiply(factor);

function hashToScalar(message: Uint8Array, tag: Uint8Array): Uint8Array {
  return encodeScalar(integer(messageExpander('sha256', tag, WIDE)(message)));
}

function randomScalars(n: number, rng: (length: number) => Uint8Array): Uint8Array {
  // Section 4.7.2: 128 bits more than the order has, reduced.
  const list = split(rng(n * WIDE), WIDE).map((bytes) => encodeScalar(integer(bytes)));
  const drawn = pack(list, SCALAR);
  check(!list.some((scalar) => integer(scalar) === 0n), 'INTERNAL', 'zero scalar drawn');
  return drawn;
}

function checkScalars(scalars: Uint8Array): void {
  const valid = split(scalars, SCALAR).every((bytes) => integer(bytes) < Fn.ORDER);
  check(valid, 'MALFORMED_MESSAGE', 'not a scalar');
}

export function p256Sha256(): OprfGroup {
  return {
    identifier: 'P256-SHA256',
    elementBytes: ELEMENT,
    scalarBytes: SCALAR,
    hashBytes: DIGEST,
    generator: encode(Point.BASE),
    hash: (bytes) => digest('sha256', bytes),
    multiplyHashed: (inputs, tag, scalars) => {
      const factors = scalarsOf(scalars, inputs.length);
      const points = inputs.map((input) => p256_hasher.hashToCurve(input, { DST: tag }));
      return pack(
        points.map((point, i) => encode(product(point, factorOf(factors, i)))),
        ELEMENT,
      );
    },
    hashToScalar,
    randomScalars,
    multiply: (elements, scalars) => {
      const points = split(elements, ELEMENT).map(decode);
      const factors = scalarsOf(scalars, points.length);
      return pack(
        points.map((point, i) => encode(product(point, factorOf(factors, i)))),
        ELEMENT,
      );
    },
    multiplyBase: (scalars) =>
      pack(
        split(scalars, SCALAR).map((bytes) => encode(product(Point.BASE, integer(bytes)))),
        ELEMENT,
      ),
    combine: (elements, scalars) => {
      const points = split(elements, ELEMENT).map(decode);
      const factors = scalarsOf(scalars, points.length);
      return encode(
        points.reduce((sum, point, i) => sum.add(product(point, factorOf(factors, i))), Point.ZERO),
      );
    },
    checkScalars,
    invert: (scalars) =>
      pack(
        split(scalars, SCALAR).map((bytes) => encodeScalar(Fn.inv(integer(bytes)))),
        SCALAR,
      ),
    subtractProduct: (a, b, c) => encodeScalar(integer(a) - integer(b) * integer(c)),
    isZero: (scalar) => integer(scalar) === 0n,
  };
}
