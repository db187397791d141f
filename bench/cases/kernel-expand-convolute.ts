/** The convolution of the code over a vector of n field elements; the twin works on bigint. */
import { deepStrictEqual } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { ExpandConvolute, type Stream } from '../../src/kernels/expand-convolute.ts';
import { elements } from '../../src/kernels/reference/gf128.ts';
import { convolve, expand } from '../../src/kernels/reference/expand-convolute.ts';
import { defineCase } from '../case.ts';
import { fixedBytes } from '../fixed-bytes.ts';

const WEIGHT = 21;
const OUTPUTS = 64;

const stream = (seed: number): Stream => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return (bytes) => new Uint8Array(cipher.update(new Uint8Array(bytes)));
};

type Input = {
  readonly code: ExpandConvolute;
  readonly vector: Uint8Array;
  readonly taps: Uint8Array;
  readonly parts: readonly Uint8Array[];
};

/** Loads, convolves, and reads a few outputs. */
function wasm({ code, vector, taps, parts }: Input): Uint8Array {
  let at = 0;
  code.vector(0, 0, vector.length / 16).set(vector);
  code.convolve(0, [(bytes) => taps.subarray(at, (at += bytes))]);
  code.sums(0, 0, OUTPUTS).fill(0);
  code.expand(
    [0],
    OUTPUTS,
    parts.map((part) => () => part),
  );
  return code.sums(0, 0, OUTPUTS).slice();
}
function twin({ vector, taps, parts }: Input): bigint[] {
  const convolved = convolve(elements(vector), taps);
  return expand(new Array<bigint>(OUTPUTS).fill(0n), convolved, [...parts]);
}

export default defineCase<Input>({
  name: 'kernel/expand-convolute',
  timed: 'A vector of n elements loaded and convolved, 64 outputs read. Size: n.',
  sizes: [4096],
  unit: 'ms',
  setup: (n) => {
    const words = stream(7);
    return {
      code: new ExpandConvolute({ length: n, sums: [OUTPUTS], slots: 1 }),
      vector: fixedBytes(16 * n, 6),
      taps: stream(8)(4 * n),
      parts: Array.from({ length: WEIGHT }, () => words(4 * OUTPUTS)),
    };
  },
  check: (input) => {
    deepStrictEqual(twin(input), elements(wasm(input)));
  },
  contenders: { wasm, twin },
  teardown: ({ code }) => {
    code[Symbol.dispose]();
  },
  gate: { contender: 'wasm', against: 'twin', atLeast: 10 },
});
