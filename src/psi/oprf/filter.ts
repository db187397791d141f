/**
 * The evaluated set of an OPRF server as one file: sorted, truncated outputs, for clients whose set
 * is small and who come again. RFC 9497 outputs are pseudorandom, so that a prefix is a digest.
 *
 *     [ "KKOF" | version 1 | width | 0 0 | n, 4 bytes | public-key length, 4 bytes | public key
 *       | suite length, 4 bytes | suite | n prefixes of `width` bytes, strictly ascending ]
 *
 * Integers are little endian. The width is the least whole number of bytes of log2(n) +
 * `falsePositiveBits` bits: an input that is not in the set is found with probability n / 2^(8 width),
 * at most 2^-falsePositiveBits. Two inputs whose prefixes are equal count once, which the same
 * numbers bound.
 *
 * Leakage   n, and the truncated outputs: without the key they are uniform, and somebody who may ask
 *           for an evaluation can test one guess with it. Of two files under one key, the items that
 *           both have are seen by everybody who holds both: use a new key with a new file where that
 *           matters.
 * @module
 */
import { concat, equalBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';

const MAGIC = utf8('KKOF');
const VERSION = 1;
const HEAD_BYTES = 12;
const MAX_ITEMS = 2 ** 28;

export type OprfFilter = {
  readonly suite: string;
  readonly publicKey: Uint8Array;
  readonly count: number;
  /** Bytes of a prefix. */
  readonly width: number;
  readonly prefixes: Uint8Array;
};

const uint32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

/** Bytes of a prefix for `n` items. */
export function prefixWidth(n: number, falsePositiveBits: number): number {
  check(
    Number.isInteger(falsePositiveBits) && falsePositiveBits >= 20 && falsePositiveBits <= 80,
    'INVALID_PARAMETER',
    `false positive bits ${falsePositiveBits}`,
  );
  return Math.ceil((Math.ceil(Math.log2(n)) + falsePositiveBits) / 8);
}

/** Sorts and truncates `outputs`, or their prefixes, of the key that `publicKey` belongs to. */
export function buildFilter(
  suite: string,
  publicKey: Uint8Array,
  outputs: readonly Uint8Array[],
  falsePositiveBits = 40,
): OprfFilter {
  const n = outputs.length;
  check(n > 0 && n <= MAX_ITEMS, 'INVALID_PARAMETER', `${n} items`);
  const width = prefixWidth(n, falsePositiveBits);
  const sorted = outputs
    .map((output) => Buffer.from(output.subarray(0, width)))
    .sort((a, b) => Buffer.compare(a, b));
  const distinct = sorted.filter((prefix, i) => i === 0 || !prefix.equals(sorted[i - 1] as Buffer));
  const prefixes = new Uint8Array(distinct.length * width);
  distinct.forEach((prefix, i) => {
    prefixes.set(prefix, i * width);
  });
  return { suite, publicKey, count: distinct.length, width, prefixes };
}

export function encodeFilter(filter: OprfFilter): Uint8Array {
  const { suite, publicKey, count, width, prefixes } = filter;
  const name = utf8(suite);
  return concat(
    ...[MAGIC, Uint8Array.of(VERSION, width, 0, 0), uint32(count)],
    ...[uint32(publicKey.length), publicKey, uint32(name.length), name, prefixes],
  );
}

/** Reads parts of `bytes` from the front; MALFORMED_MESSAGE where they end too early. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    check(this.#bytes.length - this.#at >= length, 'MALFORMED_MESSAGE', 'filter is truncated');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(): number {
    const part = this.take(4);
    return new DataView(part.buffer, part.byteOffset).getUint32(0, true);
  }

  end(): void {
    check(this.#at === this.#bytes.length, 'MALFORMED_MESSAGE', 'bytes behind the filter');
  }
}

/** Strict: the file that `encodeFilter` would write, or MALFORMED_MESSAGE. */
export function decodeFilter(bytes: Uint8Array): OprfFilter {
  const reader = new Reader(bytes);
  check(equalBytes(reader.take(4), MAGIC), 'MALFORMED_MESSAGE', 'not a filter');
  const [version = 0, width = 0, ...zero] = reader.take(HEAD_BYTES - 8);
  const known = version === VERSION && zero.every((byte) => byte === 0);
  check(known && width > 0 && width <= 32, 'MALFORMED_MESSAGE', 'version or width of the filter');
  const count = reader.number();
  check(count > 0 && count <= MAX_ITEMS, 'MALFORMED_MESSAGE', `${count} items in the filter`);
  const publicKey = reader.take(reader.number()).slice();
  const suite = fromUtf8(reader.take(reader.number()));
  const prefixes = reader.take(count * width).slice();
  reader.end();
  for (let i = 1; i < count; i++) {
    const before = prefixes.subarray((i - 1) * width, i * width);
    const ascending = Buffer.compare(before, prefixes.subarray(i * width, (i + 1) * width)) < 0;
    check(ascending, 'MALFORMED_MESSAGE', `prefix ${i} is not above the one before`);
  }
  return { suite, publicKey, count, width, prefixes };
}

/** Is the prefix of `output` in the filter? By bisection: what is looked up is the client's own. */
export function filterHas({ count, width, prefixes }: OprfFilter, output: Uint8Array): boolean {
  const wanted = output.subarray(0, width);
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = Buffer.compare(prefixes.subarray(middle * width, (middle + 1) * width), wanted);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}
