/**
 * The two steps of the code (code.ts) as batches of one item over the memory that holds the vectors:
 *
 *     vole-convolve   both convolutions of one vector
 *     vole-expand     a range of outputs of all vectors, in the place of what they are added to
 *
 * Inputs are the public seed of the code. No two batches under way have a vector, an output or a slot in common.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import type { BatchHandler } from '../../base/batches.ts';
import type { Cbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { ExpandConvolute, type Stream } from '../../kernels/expand-convolute.ts';
import { inputOf, numberOf } from '../threads.ts';
import { CODE_WEIGHT } from './parameters.ts';

const WORD = 16;
export const CODE_SEED_BYTES = 16;
/** The most outputs made at once: the more, the more often a segment is read while it is in a cache. */
export const MOST_OUTPUTS = 2 ** 20;
/** The outputs whose words follow each other in the stream: all for the first tap, all for the second, ... */
const LAYOUT = 2 ** 18;
const ZEROS = new Uint8Array(65536);

export type CodeSizes = {
  /** Outputs; a vector has twice as many elements. */
  readonly half: number;
  readonly lanes: 1 | 2;
  /** Batches under way at once, at least as many as lanes. */
  readonly slots: number;
};

/** Elements of the second vector's left half that are kept at a time. */
export const secondRoom = ({ half, lanes }: CodeSizes): number =>
  lanes === 1 ? 0 : Math.min(half, 2 * MOST_OUTPUTS);

/** The right halves as vectors, the left ones as sums: of the first vector all, of the second a part. */
export function codeMemory(sizes: CodeSizes, memory?: WebAssembly.Memory): ExpandConvolute {
  const { half: length, lanes, slots } = sizes;
  const sums = lanes === 1 ? [length] : [length, secondRoom(sizes)];
  return new ExpandConvolute({ length, sums, slots }, memory);
}

function joined(params: Cbor, memory: WebAssembly.Memory | undefined): ExpandConvolute {
  check(memory !== undefined, 'INVALID_PARAMETER', 'no memory of a code');
  const [half, lanes, slots] = ['half', 'lanes', 'slots'].map((name) => numberOf(params, name));
  check(lanes === 1 || lanes === 2, 'INVALID_PARAMETER', `${String(lanes)} lanes`);
  return codeMemory({ half: half as number, lanes, slots: slots as number }, memory);
}

/** Stream `number` of a public seed, 2^32 blocks each, from its byte `start` on. */
function publicStream(seed: Uint8Array, number: number, start = 0): Stream {
  const counter = new Uint8Array(WORD);
  counter[0] = number;
  new DataView(counter.buffer).setUint32(WORD - 4, Math.floor(start / WORD));
  const cipher = createCipheriv('aes-128-ctr', seed, counter);
  cipher.update(ZEROS.subarray(0, start % WORD));
  return (bytes) => cipher.update(ZEROS.subarray(0, bytes));
}

/** The words of a tap for all of `half` outputs from `first` on. */
function words(seed: Uint8Array, half: number, tap: number, first: number): Stream {
  let next = first;
  let stream: Stream | undefined;
  return (bytes) => {
    if (stream === undefined || next % LAYOUT === 0) {
      const block = next - (next % LAYOUT);
      const before = CODE_WEIGHT * block + tap * Math.min(LAYOUT, half - block);
      stream = publicStream(seed, 2, 4 * (before + next - block));
    }
    next += bytes / 4;
    return stream(bytes);
  };
}

const size = (): { items: number; itemBytes: number } => ({ items: 1, itemBytes: 0 });

const convolve: BatchHandler = {
  size,
  fill: (inputs, params, _out, _from, _to, memory) => {
    const seed = inputOf(inputs, 0, CODE_SEED_BYTES);
    const streams = [0, 1].map((number) => publicStream(seed, number));
    joined(params, memory).convolve(numberOf(params, 'lane'), streams, numberOf(params, 'slot'));
  },
};

const expand: BatchHandler = {
  size,
  fill: (inputs, params, _out, _from, _to, memory) => {
    const seed = inputOf(inputs, 0, CODE_SEED_BYTES);
    const code = joined(params, memory);
    const first = numberOf(params, 'first');
    const from = [first, numberOf(params, 'second')].slice(0, code.rooms.length);
    const parts = Array.from({ length: CODE_WEIGHT }, (_, tap) =>
      words(seed, code.length, tap, first),
    );
    code.expand(from, numberOf(params, 'count'), parts, numberOf(params, 'slot'));
  },
};

export const CODE_BATCHES = { 'vole-convolve': convolve, 'vole-expand': expand } as const;
