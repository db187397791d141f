/**
 * Scalar multiplication of n decoded ristretto255 elements, encoded again: the WebAssembly kernel
 * against @noble/curves, whose multiplication is the one of plain JavaScript on bigint, and libsodium compiled to
 * WebAssembly, where it is installed.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ristretto255 as noble } from '@noble/curves/ed25519.js';
import { concat } from '../../src/base/bytes.ts';
import { fromLittleEndian } from '../../src/kernels/edwards25519.ts';
import * as reference from '../../src/kernels/reference/ristretto255.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../src/kernels/scalar25519.ts';
import { defineCase } from '../case.ts';
import { peer } from '../peer.ts';

const uniform = (label: string): Uint8Array =>
  new Uint8Array(createHash('sha512').update(label).digest());

type Sodium = {
  readonly ready: Promise<void>;
  readonly crypto_scalarmult_ristretto255: (scalar: Uint8Array, element: Uint8Array) => Uint8Array;
};

type Input = {
  readonly sodium: Sodium | undefined;
  readonly group: Ristretto255;
  readonly elements: Uint8Array;
  readonly scalar: Uint8Array;
};

const wasm = ({ group, elements, scalar }: Input): Uint8Array => group.multiply(elements, scalar);

function bigint({ elements, scalar }: Input): Uint8Array {
  const factor = fromLittleEndian(scalar);
  const out = new Uint8Array(elements.length);
  for (let at = 0; at < elements.length; at += 32) {
    const point = noble.Point.fromBytes(elements.subarray(at, at + 32));
    out.set(point.multiply(factor).toBytes(), at);
  }
  return out;
}

const libsodium =
  (sodium: Sodium) =>
  ({ elements, scalar }: Input): Uint8Array => {
    const out = new Uint8Array(elements.length);
    for (let at = 0; at < elements.length; at += 32) {
      const product = sodium.crypto_scalarmult_ristretto255(scalar, elements.subarray(at, at + 32));
      out.set(product, at);
    }
    return out;
  };

export default defineCase<Input>({
  name: 'kernel/ristretto255',
  timed: 'n decoded elements times scalars, encoded. Size: n.',
  sizes: [1, 100],
  unit: 'us',
  setup: async (n) => {
    const group = new Ristretto255();
    const sodium = peer('libsodium-wrappers-sumo') as Sodium | undefined;
    await sodium?.ready;
    const labels = Array.from({ length: n }, (_, i) => uniform(`element ${i}`));
    return {
      ...{ sodium, group },
      elements: group.derive(concat(...labels)),
      scalar: new Scalar25519().reduce(uniform('scalar')),
    };
  },
  check: (input) => {
    const products = wasm(input);
    deepStrictEqual(products, bigint(input));
    const { sodium } = input;
    if (sodium !== undefined) deepStrictEqual(libsodium(sodium)(input), products);
    const first = reference.decode(input.elements.subarray(0, 32));
    const product = reference.multiply(first ?? reference.IDENTITY, fromLittleEndian(input.scalar));
    deepStrictEqual(products.subarray(0, 32), reference.encode(product));
  },
  contenders: { wasm, 'noble-curves': bigint },
  peers: ({ sodium }) => (sodium === undefined ? {} : { libsodium: libsodium(sodium) }),
  gate: { contender: 'wasm', against: 'noble-curves', atLeast: 5 },
});
