/**
 * Identifiers as the protocols see them: 128-bit hashes of their bytes, each once.
 *
 * The hash is BLAKE2s-128 (RFC 7693) with the personalisation `kk-id-01`, of the UTF-8 of a text or of the bytes
 * as they are. Nothing is normalised here: linkage/ has canonical forms. The hash is public and not keyed, so
 * that a list of hashes of guessable identifiers is as good as the identifiers. Two different
 * identifiers among n collide with probability n² / 2^129: 2^-81 for two lists of 2^23.
 *
 * Rows with equal identifiers count once: the first stands for all, the others are reported.
 * @module
 */
import { blake2s } from '@noble/hashes/blake2.js';
import { utf8 } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { Blake2s } from '../kernels/blake2s.ts';
import { MatchTable } from '../kernels/match-table.ts';

export type Identifiers = readonly string[] | readonly Uint8Array[];

export type Items = {
  /** 16 bytes for each distinct identifier, in order of first rows. An owner may let go of them. */
  hashes: Uint8Array;
  /** The row where each of them occurs first. */
  readonly rows: Uint32Array;
  /** Rows whose identifier occurred before, ascending. */
  readonly duplicates: Uint32Array;
};

export const ITEM_BYTES = 16;
const PERSON = 'kk-id-01';
const BLOCK = 64;
const CHUNK = 4096;

/** The hash of one identifier of any length. */
export const itemHash = (id: Uint8Array): Uint8Array =>
  blake2s(id, { dkLen: ITEM_BYTES, personalization: utf8(PERSON) });

/** Lone surrogates would all become U+FFFD, and different texts equal. */
function bytesOf(id: string | Uint8Array): Uint8Array {
  if (typeof id !== 'string') {
    check(id instanceof Uint8Array, 'INVALID_PARAMETER', 'identifier is neither text nor bytes');
    return id;
  }
  check(id.isWellFormed(), 'INVALID_PARAMETER', 'identifier with a lone surrogate');
  return utf8(id);
}

/** Fills blocks with the identifiers of one chunk. */
class Chunk {
  readonly blocks = new Uint8Array(CHUNK * BLOCK);
  readonly lengths = new Uint32Array(CHUNK);
  readonly #text = new Uint8Array(CHUNK * BLOCK);
  readonly #encoder = new TextEncoder();

  /** Identifiers that do not fit a block: their place in the chunk and their bytes. */
  fill(ids: Identifiers): [number, Uint8Array][] {
    this.blocks.fill(0);
    if (ids.every((id) => typeof id === 'string') && this.#fillPlain(ids)) return [];
    const long: [number, Uint8Array][] = [];
    ids.forEach((id: string | Uint8Array, i: number) => {
      const bytes = bytesOf(id);
      this.lengths[i] = Math.min(bytes.length, BLOCK);
      this.blocks.set(bytes.subarray(0, BLOCK), i * BLOCK);
      if (bytes.length > BLOCK) long.push([i, bytes]);
    });
    return long;
  }

  /** All at once where every identifier is ASCII and fits its block; else false and nothing decided. */
  #fillPlain(ids: readonly string[]): boolean {
    const joined = ids.join('');
    if (joined.length > this.#text.length) return false;
    const { read, written } = this.#encoder.encodeInto(joined, this.#text);
    if (read !== joined.length || written !== joined.length) return false;
    let from = 0;
    for (let i = 0; i < ids.length; i += 1) {
      const length = (ids[i] as string).length;
      if (length > BLOCK) {
        this.blocks.fill(0);
        return false;
      }
      this.lengths[i] = length;
      for (let k = 0, to = i * BLOCK; k < length; k += 1) {
        this.blocks[to + k] = this.#text[from + k] as number;
      }
      from += length;
    }
    return true;
  }
}

/** 16 bytes for each identifier, repeated ones too. */
export function hashIdentifiers(ids: Identifiers): Uint8Array {
  const hashes = new Uint8Array(ids.length * ITEM_BYTES);
  const chunk = new Chunk();
  using hash = new Blake2s({ digestBytes: ITEM_BYTES, person: PERSON });
  for (let from = 0; from < ids.length; from += CHUNK) {
    const part = ids.slice(from, from + CHUNK) as Identifiers;
    const long = chunk.fill(part);
    const digests = hash.hashBlocks(
      chunk.blocks.subarray(0, part.length * BLOCK),
      chunk.lengths.subarray(0, part.length),
    );
    hashes.set(digests, from * ITEM_BYTES);
    for (const [i, bytes] of long) hashes.set(itemHash(bytes), (from + i) * ITEM_BYTES);
  }
  return hashes;
}

/** The distinct identifiers of a list. At most `most` rows, INVALID_PARAMETER otherwise. */
export function distinctItems(ids: Identifiers, most: number): Items {
  check(Array.isArray(ids) && ids.length <= most, 'INVALID_PARAMETER', `more than ${most} rows`);
  const hashes = hashIdentifiers(ids);
  using table = new MatchTable(hashes);
  const { repeated } = table;
  const twice = repeated.reduce((sum, flag) => sum + flag, 0);
  const rows = new Uint32Array(ids.length - twice);
  const duplicates = new Uint32Array(twice);
  if (twice === 0) return { hashes, rows: rows.map((_, i) => i), duplicates };
  let [kept, dropped] = [0, 0];
  for (let i = 0; i < ids.length; i += 1) {
    if (repeated[i] === 1) {
      duplicates[dropped] = i;
      dropped += 1;
    } else {
      hashes.copyWithin(kept * ITEM_BYTES, i * ITEM_BYTES, (i + 1) * ITEM_BYTES);
      rows[kept] = i;
      kept += 1;
    }
  }
  return { hashes: hashes.slice(0, kept * ITEM_BYTES), rows, duplicates };
}
