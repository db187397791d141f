/**
 * All pairs of n and n encodings of 1,024 bits with a Dice coefficient of at least 4/5: n² overlaps
 * and n² comparisons with the threshold. The WebAssembly kernel in tiles against the same in
 * JavaScript on 32-bit words. Millions of comparisons a second = n² / 1000 / (median in ms).
 */
import { deepStrictEqual } from 'node:assert/strict';
import { shake128 } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { ENCODING_BYTES } from '../../src/kernels/dice.ts';
import { overlaps as specification } from '../../src/kernels/reference/dice.ts';
import { type Candidate, similarPairs } from '../../src/linkage/bloom/similarity.ts';
import { defineCase } from '../case.ts';

const THRESHOLD = Rational.of(4n, 5n);
const WORDS = ENCODING_BYTES / 4;
/** Every 64th encoding on the right is one of the left with a byte changed. */
const RELATED = 64;

type Given = { readonly left: Uint8Array; readonly right: Uint8Array };

function encodings(n: number): Given {
  const left = shake128(utf8('left encodings'), n * ENCODING_BYTES);
  const right = shake128(utf8('right encodings'), n * ENCODING_BYTES);
  for (let i = 0; i < n; i += RELATED) {
    const at = i * ENCODING_BYTES;
    right.set(left.subarray(at, at + ENCODING_BYTES), at);
    right[at] = (right[at] ?? 0) ^ 0xff;
  }
  return { left, right };
}

function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);

function weigh(list: Uint32Array): Uint16Array {
  const weights = new Uint16Array(list.length / WORDS);
  list.forEach((word, i) => {
    const at = Math.floor(i / WORDS);
    weights[at] = (weights[at] ?? 0) + ones(word);
  });
  return weights;
}

function plain({ left, right }: Given): Candidate[] {
  const [a, b] = [words(left), words(right)];
  const [ours, theirs] = [weigh(a), weigh(b)];
  const found: Candidate[] = [];
  for (let i = 0; i < ours.length; i++) {
    for (let j = 0; j < theirs.length; j++) {
      let overlap = 0;
      for (let k = 0; k < WORDS; k++) {
        overlap += ones((a[i * WORDS + k] as number) & (b[j * WORDS + k] as number));
      }
      const total = (ours[i] as number) + (theirs[j] as number);
      if (10 * overlap >= 4 * total) found.push({ left: i, right: j, twice: 2 * overlap, total });
    }
  }
  return found;
}

const sorted = (pairs: readonly Candidate[]): Candidate[] =>
  [...pairs].sort((x, y) => x.left - y.left || x.right - y.right);

export default defineCase({
  name: 'linkage/dice',
  timed: 'All pairs of n and n encodings of 1,024 bits compared with a threshold. Size: n.',
  sizes: [1024, 4096],
  unit: 'ms',
  setup: encodings,
  check: (given) => {
    const pairs = sorted(similarPairs(given.left, given.right, THRESHOLD));
    deepStrictEqual(pairs, sorted(plain(given)));
    const first = ({ left }: Given): Uint8Array => left.subarray(0, ENCODING_BYTES);
    const [overlap] = specification(first(given), given.right.subarray(0, ENCODING_BYTES));
    deepStrictEqual(pairs[0], {
      left: 0,
      right: 0,
      twice: 2 * (overlap ?? 0),
      total: pairs[0]?.total,
    });
  },
  contenders: {
    wasm: ({ left, right }) => similarPairs(left, right, THRESHOLD),
    javascript: plain,
  },
  gate: { contender: 'wasm', against: 'javascript', atLeast: 4 },
});
