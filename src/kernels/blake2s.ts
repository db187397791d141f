/**
 * Binding for wasm/blake2s: BLAKE2s (RFC 7693) of very many messages of at most one block, keyed or
 * not, with a personalisation that separates uses (RFC 7693 section 2.5 and the BLAKE2 paper, 2.8).
 *
 * Contract  digests of 16 or 32 bytes; messages of 16 bytes each, or of 0 to 64 bytes: in blocks of
 *           64 padded with zeros, or one behind the other. An unkeyed empty message is a block of length 0.
 * Twin      reference/blake2s.ts computes the same function; test/kernels holds them equal.
 * Memory    one arena of 704 KiB an instance, [tables | messages | digests], wiped by `dispose`; what one call
 *           leaves there the next one overwrites.
 * Timing    messages and key decide neither branches nor addresses; lengths are values, and where messages
 *           lie one behind the other also distances.
 * @module
 */
import { utf8 } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';

type Exports = {
  blake2s_compress(
    state: number,
    sigma: number,
    m: number,
    input: number,
    stride: number,
    lengths: number,
    n: number,
    final: number,
    out: number,
    outBytes: number,
  ): void;
  blake2s_spread(packed: number, lengths: number, n: number, blocks: number): void;
};

/** RFC 7693 section 2.7. */
const SIGMA = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
];
/** RFC 7693 section 2.6. */
const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const BLOCK = 64;
/** The most messages that `hashPacked` takes. */
export const CHUNK = 4096;
const LAST = 0xffffffff;

export type Blake2sOptions = {
  readonly digestBytes: 16 | 32;
  /** Eight ASCII characters that name the use. */
  readonly person: string;
  /** 1 to 32 bytes. */
  readonly key?: Uint8Array;
};

const arena = () =>
  new Arena<Exports, 'sigma' | 'm' | 'state' | 'lengths' | 'packed' | 'input' | 'out'>('blake2s', {
    sigma: 4 * 160,
    m: 256,
    state: 32,
    lengths: 4 * CHUNK,
    packed: BLOCK * (CHUNK + 1),
    input: BLOCK * CHUNK,
    out: 32 * CHUNK,
  });

export class Blake2s implements Disposable {
  readonly digestBytes: 16 | 32;
  readonly #arena = arena();
  /** Bytes hashed before a message: the key's block or nothing. */
  readonly #prefix: number;

  constructor({ digestBytes, person, key = new Uint8Array(0) }: Blake2sOptions) {
    check(/^[\x20-\x7e]{8}$/.test(person), 'INVALID_PARAMETER', 'personalisation');
    check(key.length <= 32, 'INVALID_PARAMETER', `key of ${key.length} bytes`);
    this.digestBytes = digestBytes;
    this.#prefix = key.length === 0 ? 0 : BLOCK;
    const word = (digit: string): number => this.#arena.at.m + 16 * parseInt(digit, 16);
    this.#arena.words('sigma', 160).set(SIGMA.flatMap((row) => Array.from(row, word)));
    // The parameter block: digest length, key length, fanout 1, depth 1, ..., personalisation.
    const state = Uint32Array.from(IV);
    const words = new Uint32Array(utf8(person).buffer);
    state[0] = (IV[0] as number) ^ 0x01010000 ^ (key.length << 8) ^ digestBytes;
    state[6] = (IV[6] as number) ^ (words[0] as number);
    state[7] = (IV[7] as number) ^ (words[1] as number);
    this.#arena.words('state', 8).set(state);
    if (key.length > 0) {
      this.#arena.bytes('input', key.length).set(key);
      this.#arena.words('lengths', 4).fill(BLOCK);
      this.#compress(4, BLOCK, 0, 32);
      this.#arena.bytes('state', 32).set(this.#arena.bytes('out', 32));
      this.#arena.bytes('input', key.length).fill(0);
    }
  }

  /** Digests of messages of 16 bytes each, one behind the other; so are the digests, in `out` if given. */
  hash16(messages: Uint8Array, out = this.#digests(messages.length / 16)): Uint8Array {
    const n = messages.length / 16;
    this.#check(n, out);
    this.#arena.words('lengths', CHUNK).fill(this.#prefix + 16);
    this.#chunks(n, 16, messages, out, () => undefined);
    return out;
  }

  /** Digests of messages in blocks of 64 bytes, zeros behind `lengths[i]` ≤ 64 bytes. */
  hashBlocks(blocks: Uint8Array, lengths: Uint32Array): Uint8Array {
    const n = lengths.length;
    check(blocks.length === n * BLOCK, 'INVALID_PARAMETER', `${blocks.length} bytes of blocks`);
    const out = this.#digests(n);
    this.#chunks(n, BLOCK, blocks, out, (from, count) => {
      this.#setLengths(lengths.subarray(from, from + count));
    });
    return out;
  }

  /** A view: where `hashPacked` finds its messages, one behind the other, 4,096 of 64 bytes at most. */
  get packed(): Uint8Array {
    return this.#arena.bytes('packed', BLOCK * CHUNK);
  }

  /** Digests, to `out`, of the messages of `lengths[i]` ≤ 64 bytes in `packed`. */
  hashPacked(lengths: Uint32Array, out: Uint8Array): void {
    const n = lengths.length;
    check(
      n <= CHUNK && lengths.every((length) => length <= BLOCK),
      'INVALID_PARAMETER',
      `${n} packed messages`,
    );
    this.#check(n, out);
    const { at, kernel } = this.#arena;
    this.#arena.words('lengths', n).set(lengths);
    kernel.blake2s_spread(at.packed, at.lengths, n, at.input);
    this.#setLengths(lengths);
    this.#compress(n, BLOCK, LAST, this.digestBytes);
    out.set(this.#arena.bytes('out', out.length));
  }

  #digests(n: number): Uint8Array {
    check(Number.isInteger(n), 'INVALID_PARAMETER', `${n} messages`);
    return new Uint8Array(n * this.digestBytes);
  }

  #check(n: number, out: Uint8Array): void {
    check(
      Number.isInteger(n) && out.length === n * this.digestBytes,
      'INVALID_PARAMETER',
      `${out.length} bytes for ${n} digests`,
    );
  }

  #setLengths(lengths: Uint32Array): void {
    const words = this.#arena.words('lengths', lengths.length);
    for (let i = 0; i < lengths.length; i += 1) {
      words[i] = this.#prefix + (lengths[i] as number);
    }
  }

  #chunks(
    n: number,
    stride: number,
    messages: Uint8Array,
    out: Uint8Array,
    prepare: (from: number, count: number) => void,
  ): void {
    const size = this.digestBytes;
    for (let from = 0; from < n; from += CHUNK) {
      const count = Math.min(CHUNK, n - from);
      this.#arena
        .bytes('input', count * stride)
        .set(messages.subarray(from * stride, (from + count) * stride));
      prepare(from, count);
      this.#compress(count, stride, LAST, size);
      out.set(this.#arena.bytes('out', count * size), from * size);
    }
  }

  /** The lanes that fill up the last four hash whatever is there. */
  #compress(count: number, stride: number, final: number, outBytes: number): void {
    const { sigma, m, state, lengths, input, out } = this.#arena.at;
    const n = Math.ceil(count / 4) * 4;
    this.#arena.kernel.blake2s_compress(
      ...([state, sigma, m, input, stride, lengths, n, final, out, outBytes] as const),
    );
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
