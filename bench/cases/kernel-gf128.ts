/** n products by one fixed element of GF(2^128), added to n sums, by tables of 8 bits; the twin works on bigint. */
import { deepStrictEqual } from 'node:assert/strict';
import { FixedFactor, WORD } from '../../src/kernels/gf128.ts';
import { elements, fromBytes, multiply, toBytes } from '../../src/kernels/reference/gf128.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

type Input = { readonly f: Uint8Array; readonly factor: FixedFactor; readonly x: Uint8Array };

const wasm = ({ factor, x }: Input): Uint8Array => {
  const sums = new Uint8Array(x.length);
  factor.addProduct(sums, x);
  return sums;
};
const twin = ({ f, x }: Input): Uint8Array => {
  const fixed = fromBytes(f);
  const sums = new Uint8Array(x.length);
  elements(x).forEach((element, i) => {
    sums.set(toBytes(multiply(element, fixed)), WORD * i);
  });
  return sums;
};

export default defineCase<Input>({
  name: 'kernel/gf128',
  timed: 'n products by a fixed factor, tables ready. Size: n.',
  sizes: [4096],
  unit: 'us',
  setup: (n) => {
    const f = fixedBytes(WORD, 2);
    return { f, factor: new FixedFactor(f), x: fixedBytes(WORD * n, 3) };
  },
  check: (input) => {
    deepStrictEqual(twin(input), wasm(input));
  },
  contenders: { wasm, twin },
  teardown: ({ factor }) => {
    factor[Symbol.dispose]();
  },
  gate: { contender: 'wasm', against: 'twin', atLeast: 20 },
});
