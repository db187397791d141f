/**
 * A second, slow VOLE-PSI on bigints: from both lists and both parties' randomness to every frame and
 * the result, with both secrets in one hand. It shares with the product the slow twins of the kernels (trees node by
 * node, the code and the key-value store on bigints) and the derived sizes, and nothing else.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { blake2s } from '@noble/hashes/blake2.js';
import { concat } from '../../../src/base/bytes.ts';
import type { Rng } from '../../../src/base/rng.ts';
import { transcriptBytes } from '../../../src/base/transcript.ts';
import { convolve, place as codePlace } from '../../../src/kernels/reference/expand-convolute.ts';
import { sides, tree } from '../../../src/kernels/reference/ggm.ts';
import { elements, fromBytes, multiply, toBytes } from '../../../src/kernels/reference/gf128.ts';
import { decode, encode, place, type Row } from '../../../src/kernels/reference/okvs.ts';
import { type VoleParameters, voleParameters } from '../../../src/psi/vole/parameters.ts';
import type { Sent } from './sessions.ts';

const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  concat(...parts.map((part) => Uint8Array.from(part)));
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = a.slice();
  for (let i = 0; i < sum.length; i += 1) sum[i]! ^= b[i]!;
  return sum;
}
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const bitAt = (from: Uint8Array, i: number): number => (from[i >> 3]! >> (i & 7)) & 1;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const hash = (person: string, dkLen: number, message: Uint8Array, key?: Uint8Array): Uint8Array => {
  const personalization = new TextEncoder().encode(person);
  return blake2s(message, key ? { dkLen, personalization, key } : { dkLen, personalization });
};
const keyed = (algorithm: string, key: Uint8Array, iv: Uint8Array, length: number): Uint8Array =>
  new Uint8Array(createCipheriv(algorithm, key, iv).update(new Uint8Array(length)));
const aes = (key: Uint8Array, counter: number, length: number): Uint8Array =>
  keyed('aes-128-ctr', key, bytes([counter], new Uint8Array(15)), length);

const TREES = 384;
type Point = InstanceType<typeof p256.Point>;
const encoded = (point: Point): Uint8Array => point.toBytes(false);
const scalar = (draw: Uint8Array): bigint => BigInt(`0x${Buffer.from(draw).toString('hex')}`);

/** Base transfers: what both sides send and hold, for the choice bits of the holder of Δ. */
function baseTransfers(a: bigint, choices: Uint8Array, rng: Rng) {
  const offer = p256.Point.BASE.multiply(a);
  // The keys are drawn first, all of them.
  const scalars = range(128).map(() => scalar(rng(32)));
  const answers = scalars.map((b, i) => {
    const plain = p256.Point.BASE.multiply(b);
    return bitAt(choices, i) === 1 ? plain.add(offer) : plain;
  });
  const pad = (i: number, shared: Point): Uint8Array => {
    const x = encoded(shared).slice(1, 33);
    const parts = [i, encoded(offer), encoded(answers[i]!), x];
    const input = transcriptBytes('kakehashi/base-ot/1', parts);
    return new Uint8Array(createHash('sha256').update(input).digest()).slice(0, 16);
  };
  const pads = answers.map((answer, i) => [
    pad(i, answer.multiply(a)),
    pad(i, answer.subtract(offer).multiply(a)),
  ]);
  return { offer: encoded(offer), answers: bytes(...answers.map(encoded)), pads };
}

/** The extension message, t_j, and q_j = t_j + r_j Δ, which the holder must arrive at. */
function extension(pads: Uint8Array[][], choices: Uint8Array, delta: bigint, rng: Rng) {
  const count = 8 * choices.length;
  const seeds = rng(32 * 16);
  const sums: Uint8Array[] = [];
  const differences: Uint8Array[] = [];
  const columns = new Uint8Array(16 * count);
  range(32).forEach((i) => {
    const levels = tree(seeds.slice(16 * i, 16 * i + 16), 16);
    range(4).forEach((l) => {
      sides(levels[l + 1]!).forEach((sum, side) => sums.push(xor(sum, pads[4 * i + l]![side]!)));
    });
    const streams = levels[4]!.map((leaf) => aes(leaf, 0, count / 8));
    differences.push(streams.reduce(xor, choices));
    range(4).forEach((b) => {
      const row = streams.filter((_, x) => (x >> b) & 1).reduce(xor);
      const bit = 4 * i + b;
      for (let j = 0; j < count; j += 1) {
        columns[16 * j + (bit >> 3)]! |= bitAt(row, j) << (bit & 7);
      }
    });
  });
  const t = elements(columns);
  const q = t.map((value, j) => (bitAt(choices, j) === 1 ? value ^ delta : value));
  return { message: bytes(...sums, ...differences), t, q };
}

/** The noise: positions by rejection, values. */
function drawNoise(leaves: number, height: number, rng: Rng) {
  const positions: number[] = [];
  while (positions.length < TREES) {
    const draws = new Uint32Array(rng(4 * (TREES - positions.length)).slice().buffer);
    positions.push(...[...draws].map((draw) => draw % 2 ** height).filter((p) => p < leaves));
  }
  const values = rng(16 * TREES);
  const bits = new Uint8Array((TREES * height) / 8);
  positions.forEach((position, k) => {
    range(height).forEach((l) => {
      const j = k * height + l;
      if (((position >> (height - l - 1)) & 1) === 0) bits[j >> 3]! |= 1 << (j & 7);
    });
  });
  return { positions, values, choices: bytes(bits, values) };
}

/** All leaves v of the holder, and its messages, a group each. */
function grow(
  q: bigint[],
  delta: bigint,
  p: VoleParameters,
  group: number,
  height: number,
  rng: Rng,
) {
  const cot = (word: bigint, j: number): Uint8Array =>
    hash('kk-cot01', 16, bytes(toBytes(word), words(j)));
  const v: bigint[] = [];
  const messages = range(TREES / group).map((g) => {
    const seeds = rng(16 * group);
    const trees = range(group).map((k) => tree(seeds.slice(16 * k, 16 * k + 16), p.leaves));
    const masked = range(height).flatMap((l) =>
      trees.map((levels, k) => {
        const j = (g * group + k) * height + l;
        const [left, right] = sides(levels[l + 1]!);
        return bytes(xor(left, cot(q[j]!, j)), xor(right, cot(q[j]! ^ delta, j)));
      }),
    );
    const tails = trees.map((levels, k) => {
      const from = TREES * height + 128 * (g * group + k);
      const share = q.slice(from, from + 128).reduceRight((sum, c) => multiply(sum, 2n) ^ c, 0n);
      return xor(levels[height]!.reduce(xor), toBytes(share));
    });
    trees.forEach((levels) => v.push(...levels[height]!.map(fromBytes)));
    return bytes(...masked, ...tails);
  });
  return { v, messages };
}

/** The code on one vector. */
function compress(vector: readonly bigint[], seed: Uint8Array, outputs: number): bigint[] {
  const half = vector.length / 2;
  const once = convolve(vector.slice(half), aes(seed, 0, 4 * half));
  const right = convolve(once, aes(seed, 1, 4 * half));
  // All sums of this size are made in one go: the stream has one part for each of the 21 taps.
  const places = new Uint32Array(aes(seed, 2, 4 * 21 * half).buffer);
  return range(outputs).map((i) =>
    range(21).reduce(
      (sum, k) => sum ^ right[codePlace(half, 21, k, places[k * half + i]!)]!,
      vector[i]!,
    ),
  );
}

const rowsOf = (ids: readonly string[], seed: Uint8Array, sparse: number): Row[] =>
  ids.map((id, i) => {
    const item = hash('kk-id-01', 16, new TextEncoder().encode(id));
    return place(hash('kk-row01', 32, item, seed), i, 1, sparse).row;
  });

/** Fisher and Yates from the back. */
function shuffled<T>(values: readonly T[], rng: Rng): T[] {
  const out = [...values];
  let draws: number[] = [];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = Infinity;
    while (j > i) {
      if (draws.length === 0) {
        const stream = keyed(
          'aes-256-ctr',
          rng(32),
          new Uint8Array(16),
          4 * Math.max(16, 2 * out.length),
        );
        draws = [...new Uint32Array(stream.buffer)];
      }
      j = (draws.shift()! & mask) >>> 0;
    }
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** Every frame of a session of two lists without duplicates that fit one bin, and the matches. */
export function model(xs: readonly string[], ys: readonly string[], receiver: Rng, sender: Rng) {
  const p = voleParameters(xs.length, ys.length);
  const height = Math.ceil(Math.log2(p.leaves));
  const group = 192;
  const numbers = { receiver: 0, sender: 0 };
  const frame = (from: 'receiver' | 'sender', kind: number, body: Uint8Array): Sent => ({
    from,
    frame: bytes([kind], words(numbers[from]++), body),
  });

  const a = scalar(receiver(32));
  const delta = sender(16);
  // The pad of the side off the path to leaf Δ_i: bit 4i + 3 of Δ belongs to the first level.
  const choices = new Uint8Array(16);
  range(128).forEach((j) => {
    const bit = 4 * (j >> 2) + 3 - (j & 3);
    if (bitAt(delta, bit) === 0) choices[j >> 3]! |= 1 << (j & 7);
  });
  const base = baseTransfers(a, choices, sender);
  const greeting = (items: number): Uint8Array => bytes([1, 1, 0], words(items));
  const frames = [
    frame('receiver', 1, bytes(greeting(xs.length), base.offer)),
    frame('sender', 2, bytes(greeting(ys.length), base.answers)),
  ];

  const order = shuffled(range(ys.length), sender);

  const noise = drawNoise(p.leaves, height, receiver);
  const d = fromBytes(delta);
  const { message, q } = extension(base.pads, noise.choices, d, receiver);
  const [codeSeed, hashSeed] = [receiver(16), receiver(16)];
  frames.push(frame('receiver', 3, bytes(codeSeed, hashSeed, message)));
  const { v, messages } = grow(q, d, p, group, height, sender);
  frames.push(...messages.map((body) => frame('sender', 4, body)));

  const e = new Array<bigint>(v.length).fill(0n);
  noise.positions.forEach((position, k) => {
    e[k * p.leaves + position] = fromBytes(noise.values.slice(16 * k, 16 * k + 16));
  });
  const b = compress(v, codeSeed, p.columns);
  const shares = compress(e, codeSeed, p.columns);
  const c = b.map((value, i) => value ^ multiply(shares[i]!, d));
  const own = rowsOf(xs, hashSeed, p.sparse);
  const store = encode(own, p.sparse)!;
  const masked = shares.map((share, i) => share ^ store[i]!);
  frames.push(frame('receiver', 5, bytes(...masked.map(toBytes))));

  const keys = b.map((value, i) => value ^ multiply(masked[i]!, d));
  const mask = (value: bigint): Uint8Array => hash('kk-out01', 16, toBytes(value), hashSeed);
  const outputs = rowsOf(ys, hashSeed, p.sparse).map((row) =>
    mask(decode(row, keys, p.sparse) ^ multiply(row.value, d)),
  );
  const masks = order.map((i) => outputs[i]!.slice(0, p.maskBytes));
  if (masks.length > 0) frames.push(frame('sender', 6, bytes(...masks)));
  const there = new Set(masks.map(String));
  const matches = own.flatMap((row, i) =>
    there.has(String(mask(decode(row, c, p.sparse)).slice(0, p.maskBytes))) ? [i] : [],
  );
  return { frames, matches };
}
