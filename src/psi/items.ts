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
import type { BatchHandler, ThreadedBatches } from '../base/batches.ts';
import { Blake2s, CHUNK } from '../kernels/blake2s.ts';
import { MatchTable } from '../kernels/match-table.ts';
import { inOrder } from '../base/in-order.ts';
import { inputOf, numberOf, roomFor, tasksAtOnce } from './threads.ts';

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

const encoder = new TextEncoder();

/** Texts at once where all are ASCII and fit a block; else false, and nothing is decided. */
function packTexts(ids: readonly string[], packed: Uint8Array, lengths: Uint32Array): boolean {
  for (let i = 0; i < ids.length; i += 1) {
    const { length } = ids[i] as string;
    if (length > BLOCK) return false;
    lengths[i] = length;
  }
  const joined = ids.join('');
  const { read, written } = encoder.encodeInto(joined, packed);
  return read === joined.length && written === joined.length;
}

/** The others. Of those that do not fit a block: their place among `ids` and their bytes. */
function packBytes(
  ids: Identifiers,
  packed: Uint8Array,
  lengths: Uint32Array,
): [number, Uint8Array][] {
  const long: [number, Uint8Array][] = [];
  let to = 0;
  ids.forEach((id: string | Uint8Array, i: number) => {
    const bytes = bytesOf(id);
    const length = bytes.length > BLOCK ? 0 : bytes.length;
    if (bytes.length > BLOCK) long.push([i, bytes]);
    else packed.set(bytes, to);
    lengths[i] = length;
    to += length;
  });
  return long;
}

const areTexts = (ids: Identifiers): ids is readonly string[] =>
  ids.every((id) => typeof id === 'string');

/** Packs at most 4,096 identifiers and says their lengths; of those that do not fit a block their place and bytes. */
function pack(
  ids: Identifiers,
  packed: Uint8Array,
  lengths: Uint32Array,
): readonly [number, Uint8Array][] {
  return areTexts(ids) && packTexts(ids, packed, lengths) ? [] : packBytes(ids, packed, lengths);
}

/** 16 bytes for each identifier, repeated ones too. */
export function hashIdentifiers(ids: Identifiers): Uint8Array {
  const hashes = new Uint8Array(ids.length * ITEM_BYTES);
  const lengths = new Uint32Array(CHUNK);
  using hash = new Blake2s({ digestBytes: ITEM_BYTES, person: PERSON });
  for (let from = 0; from < ids.length; from += CHUNK) {
    const part = ids.slice(from, from + CHUNK) as Identifiers;
    const long = pack(part, hash.packed, lengths);
    const out = hashes.subarray(from * ITEM_BYTES, (from + part.length) * ITEM_BYTES);
    hash.hashPacked(lengths.subarray(0, part.length), out);
    for (const [i, bytes] of long) out.set(itemHash(bytes), i * ITEM_BYTES);
  }
  return hashes;
}

/** Identifiers that one thread hashes at once: sixteen times what one call of the kernel takes. */
const TASK_IDS = 16 * CHUNK;

/** Texts behind each other in rooms of 4,096 blocks, and their lengths, to hashes. */
const hashPacked: BatchHandler = {
  size: (params) => ({ items: 1, itemBytes: numberOf(params, 'count') * ITEM_BYTES }),
  fill: (inputs, params, out) => {
    const count = numberOf(params, 'count');
    const [packed, bytes] = [inputOf(inputs, 0), inputOf(inputs, 1)];
    const all = new Uint32Array(bytes.buffer, bytes.byteOffset, count);
    using hash = new Blake2s({ digestBytes: ITEM_BYTES, person: PERSON });
    for (let from = 0; from < count; from += CHUNK) {
      const lengths = all.subarray(from, Math.min(count, from + CHUNK));
      const size = lengths.reduce((sum, length) => sum + length, 0);
      hash.packed.set(packed.subarray(from * BLOCK, from * BLOCK + size));
      const to = (from + lengths.length) * ITEM_BYTES;
      hash.hashPacked(lengths, out.subarray(from * ITEM_BYTES, to));
    }
  },
};

export const HASH_BATCHES = { 'psi-hash': hashPacked } as const;

/** `hashIdentifiers` over threads, which share the result. */
async function hashOver(ids: Identifiers, batches: ThreadedBatches): Promise<Uint8Array> {
  if (batches.threads === 1) return hashIdentifiers(ids);
  const hashes = roomFor(batches, ids.length * ITEM_BYTES);
  const rooms = Array.from({ length: tasksAtOnce(batches) }, () => ({
    packed: roomFor(batches, TASK_IDS * BLOCK),
    lengths: roomFor(batches, TASK_IDS * 4),
    long: [] as (readonly [number, Uint8Array])[],
  }));
  const countOf = (task: number): number => Math.min(TASK_IDS, ids.length - task * TASK_IDS);
  await inOrder(rooms.length, {
    count: Math.ceil(ids.length / TASK_IDS),
    prepare: (task, at) => {
      const room = rooms[at] as (typeof rooms)[0];
      const lengths = new Uint32Array(room.lengths.buffer);
      room.long = [];
      for (let from = 0; from < countOf(task); from += CHUNK) {
        const first = task * TASK_IDS + from;
        const part = ids.slice(first, first + CHUNK) as Identifiers;
        const packed = room.packed.subarray(from * BLOCK, (from + CHUNK) * BLOCK);
        const long = pack(part, packed, lengths.subarray(from, from + CHUNK));
        for (const [i, bytes] of long) room.long.push([first + i, bytes]);
      }
    },
    run: (task, at) => {
      const { packed, lengths } = rooms[at] as (typeof rooms)[0];
      const from = task * TASK_IDS * ITEM_BYTES;
      return batches.run({
        ...{ kind: 'psi-hash', inputs: [packed, lengths], params: { count: countOf(task) } },
        ...{ secret: false, out: hashes.subarray(from, from + countOf(task) * ITEM_BYTES) },
      });
    },
    take: (_task, at) => {
      for (const [i, bytes] of rooms[at]?.long ?? []) hashes.set(itemHash(bytes), i * ITEM_BYTES);
    },
  });
  for (const { packed } of rooms) packed.fill(0);
  return hashes;
}

/** The distinct identifiers of a list. At most `most` rows, INVALID_PARAMETER otherwise. */
export function distinctItems(ids: Identifiers, most: number): Items {
  checkRows(ids, most);
  return distinct(hashIdentifiers(ids));
}

/** The same over threads, which share the hashes. */
export async function distinctItemsOver(
  ids: Identifiers,
  most: number,
  batches: ThreadedBatches,
): Promise<Items> {
  checkRows(ids, most);
  return distinct(await hashOver(ids, batches));
}

function checkRows(ids: Identifiers, most: number): void {
  check(Array.isArray(ids) && ids.length <= most, 'INVALID_PARAMETER', `more than ${most} rows`);
}

function distinct(hashes: Uint8Array): Items {
  const count = hashes.length / ITEM_BYTES;
  using table = new MatchTable(hashes);
  const { repeated } = table;
  let twice = 0;
  for (const flag of repeated) twice += flag;
  const rows = new Uint32Array(count - twice);
  const duplicates = new Uint32Array(twice);
  let [kept, dropped] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    if (repeated[i] === 1) {
      duplicates[dropped] = i;
      dropped += 1;
    } else {
      if (dropped > 0) hashes.copyWithin(kept * ITEM_BYTES, i * ITEM_BYTES, (i + 1) * ITEM_BYTES);
      rows[kept] = i;
      kept += 1;
    }
  }
  const distinct = twice === 0 ? hashes : hashes.slice(0, kept * ITEM_BYTES);
  return { hashes: distinct, rows, duplicates };
}
