/**
 * OPRF(ristretto255, SHA-512), RFC 9497 section 4.1, on our own kernel; hash_to_ristretto255 is
 * RFC 9380 appendix B. About 128 bits of security, lowered by static Diffie-Hellman queries
 * (RFC 9497 section 7.2.3). All arithmetic on secrets is in the kernel, see there for timing.
 * @module
 */
import { check, type ErrorCode } from '../../base/errors.ts';
import { GENERATOR } from '../../kernels/edwards25519.ts';
import {
  ELEMENT_BYTES,
  Ristretto255,
  SCALAR_BYTES,
  UNIFORM_BYTES,
} from '../../kernels/ristretto255.ts';
import { Scalar25519 } from '../../kernels/scalar25519.ts';
import { digest, messageExpander } from './expand-message.ts';
import type { OprfGroup } from './group.ts';

/** The identity is 32 zero bytes (RFC 9496); DeserializeElement refuses it (section 4.1). */
function refuseIdentity(elements: Uint8Array, code: ErrorCode): void {
  for (let at = 0; at < elements.length; at += ELEMENT_BYTES) {
    const some = elements.subarray(at, at + ELEMENT_BYTES).some((byte) => byte !== 0);
    check(some, code, 'identity element');
  }
}

export function ristretto255Sha512(): OprfGroup {
  const group = new Ristretto255();
  const scalars = new Scalar25519();

  /** RFC 9380 appendix B without the map, which the kernel does. */
  const uniform = (inputs: readonly Uint8Array[], tag: Uint8Array): Uint8Array => {
    const expand = messageExpander('sha512', tag, UNIFORM_BYTES);
    const out = new Uint8Array(inputs.length * UNIFORM_BYTES);
    inputs.forEach((input, i) => {
      out.set(expand(input), i * UNIFORM_BYTES);
    });
    return out;
  };

  return {
    identifier: 'ristretto255-SHA512',
    elementBytes: ELEMENT_BYTES,
    scalarBytes: SCALAR_BYTES,
    hashBytes: 64,
    generator: GENERATOR,
    hash: (bytes) => digest('sha512', bytes),
    multiplyHashed: (inputs, tag, factors) => {
      const products = group.multiplyDerived(uniform(inputs, tag), factors);
      // A multiple by a non-zero scalar is the identity where the hashed element is (section 3.3.1).
      refuseIdentity(products, 'INVALID_PARAMETER');
      return products;
    },
    hashToScalar: (message, tag) => scalars.reduce(uniform([message], tag)),
    randomScalars: (n, rng) => {
      // Section 4.7.2: 512 bits, reduced.
      const wide = rng(n * UNIFORM_BYTES);
      const drawn = scalars.reduce(wide);
      wide.fill(0);
      check(!scalars.hasZero(drawn), 'INTERNAL', 'the random generator gave a zero scalar');
      return drawn;
    },
    multiply: (elements, factors) => {
      refuseIdentity(elements, 'MALFORMED_MESSAGE');
      return group.multiply(elements, factors);
    },
    multiplyBase: (factors) => group.multiplyBase(factors),
    combine: (elements, factors) => {
      refuseIdentity(elements, 'MALFORMED_MESSAGE');
      return group.combine(elements, factors);
    },
    checkScalars: (given) => {
      const valid = given.length % SCALAR_BYTES === 0 && scalars.canonical(given);
      check(valid, 'MALFORMED_MESSAGE', 'not a scalar');
    },
    invert: (given) => scalars.invert(given),
    subtractProduct: (a, b, c) => scalars.subtract(a, scalars.multiply(b, c)),
    isZero: (scalar) => scalars.hasZero(scalar),
  };
}
