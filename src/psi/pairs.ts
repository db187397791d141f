/**
 * The set to both sides: after a session in which the receiver learned its matches, it tells the
 * sender which they are, so that either party knows for each match its own row.
 *
 * Tags are the first 12 bytes of the hashes of psi/items.ts: two different items of lists of 2^24 have one tag
 * with probability 2^-48. They stand for identifiers that both parties have, in the receiver's order.
 *
 * Adversary   semi-honest. A receiver that deviates can name items of the sender that are not its own, if
 *             it can guess them; the sender then takes them for matches. A tag of no item is refused.
 * Leakage     to the sender: X ∩ Y and the receiver's order of it. To whoever carries the frames: |X ∩ Y|, unless both
 *             give a public `room` that is at least that, up to which zeros follow the tags.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Channel } from './channel.ts';
import { Frames } from './frames.ts';
import { ITEM_BYTES } from './items.ts';

const KIND = { count: 0x70, tags: 0x71 } as const;
const TAG_BYTES = 12;
const TAG_WORDS = TAG_BYTES / 4;
const ITEM_WORDS = ITEM_BYTES / 4;
const TAGS_A_FRAME = 65_536;

/** How many tags travel. */
const roomFor = (count: number, room: number): number => Math.max(count, room);

/** Receiver: `items` are the hashes of its list, `matches` positions in it. */
export async function tellMatches(
  channel: Channel,
  items: Uint8Array,
  matches: Uint32Array,
  room = 0,
): Promise<void> {
  const frames = new Frames(channel);
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, matches.length, true);
  await frames.send(KIND.count, count);
  const total = roomFor(matches.length, room);
  for (let from = 0; from < total; from += TAGS_A_FRAME) {
    const tags = new Uint8Array(Math.min(TAGS_A_FRAME, total - from) * TAG_BYTES);
    matches.subarray(from, from + TAGS_A_FRAME).forEach((item, i) => {
      const at = item * ITEM_BYTES;
      tags.set(items.subarray(at, at + TAG_BYTES), i * TAG_BYTES);
    });
    await frames.send(KIND.tags, tags);
  }
}

/** Finds an item by its tag: open addressing by the first word, at most half full. */
class TagTable {
  readonly #words: Uint32Array;
  readonly #slots: Int32Array;

  constructor(items: Uint8Array) {
    this.#words = new Uint32Array(items.slice().buffer);
    const n = this.#words.length / ITEM_WORDS;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * n + 2))).fill(-1);
    for (let item = 0; item < n; item++) {
      let slot = this.#first(this.#words[item * ITEM_WORDS] as number);
      while ((this.#slots[slot] as number) >= 0) slot = this.#next(slot);
      this.#slots[slot] = item;
    }
  }

  #first(word: number): number {
    return word & (this.#slots.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  #equal(item: number, tags: Uint32Array, at: number): boolean {
    for (let k = 0; k < TAG_WORDS; k++) {
      if (this.#words[item * ITEM_WORDS + k] !== tags[at + k]) return false;
    }
    return true;
  }

  /** The item whose tag begins at word `at`, or −1. */
  find(tags: Uint32Array, at: number): number {
    let slot = this.#first(tags[at] as number);
    for (;;) {
      const item = this.#slots[slot] as number;
      if (item < 0 || this.#equal(item, tags, at)) return item;
      slot = this.#next(slot);
    }
  }
}

/** Sender: the positions in its list of the matches, in the receiver's order. */
export async function hearMatches(
  channel: Channel,
  items: Uint8Array,
  room = 0,
): Promise<Uint32Array> {
  const frames = new Frames(channel);
  const count = new DataView((await frames.receive(KIND.count, 4)).buffer).getUint32(0, true);
  const n = items.length / ITEM_BYTES;
  check(count <= n, 'MALFORMED_MESSAGE', `${count} matches of ${n} items`);
  const table = new TagTable(items);
  const seen = new Uint8Array(n);
  const matches = new Uint32Array(count);
  const total = roomFor(count, room);
  for (let from = 0; from < total; from += TAGS_A_FRAME) {
    const part = Math.min(TAGS_A_FRAME, total - from);
    const tags = new Uint32Array((await frames.receive(KIND.tags, part * TAG_BYTES)).buffer);
    for (let i = 0; i < Math.min(part, count - from); i++) {
      const item = table.find(tags, i * TAG_WORDS);
      check(item >= 0 && seen[item] === 0, 'MALFORMED_MESSAGE', 'a match of no item, or twice');
      seen[item] = 1;
      matches[from + i] = item;
    }
  }
  return matches;
}
