/**
 * A hash table with open addressing over 16-byte keys that are hashes already: their first word is the
 * place to look first, then the next. A slot holds the key's number + 1 below bit 26 and bits 58 to 63 of the key
 * above it, so that a key elsewhere in memory is rarely read for nothing; or 0.
 *
 * Order    tables are larger than caches: the slots of a block of keys, and for probes the keys there, are read before
 *          the first is compared, so that the waits overlap.
 * Timing   keys and probes decide branches and addresses: the owner's own, or public.
 */

const BLOCK: u32 = 64;
const NUMBER: u32 = (1 << 26) - 1;

// @ts-ignore: decorator
@inline
function tagOf(low: u64): u32 {
  return <u32>(low >> 58) << 26;
}

// The key of an entry, which is not 0.
// @ts-ignore: decorator
@inline
function keyOf(keys: usize, entry: u32): usize {
  return keys + (<usize>((entry & NUMBER) - 1) << 4);
}

/**
 * Enters keys first to n - 1. repeated[i] = 1 where an equal key is there already, which is not entered again.
 * `mask` + 1 slots, a power of two, at least 2n, zero before the first call. n < 2^26.
 */
export function table_enter(
  keys: usize, first: u32, n: u32, slots: usize, mask: u32, repeated: usize,
): void {
  for (let from = first; from < n; from += BLOCK) {
    const to = min(from + BLOCK, n);
    let seen: u32 = 0;
    for (let i = from; i < to; i++) {
      seen |= load<u32>(slots + (<usize>(load<u32>(keys + (<usize>i << 4)) & mask) << 2));
    }
    // Overwritten below: what was read must go somewhere.
    store<u8>(repeated + from, <u8>seen);
    for (let i = from; i < to; i++) {
      const key = keys + (<usize>i << 4);
      const low = load<u64>(key);
      const high = load<u64>(key, 8);
      const tag = tagOf(low);
      let slot = <u32>low & mask;
      let again: u8 = 0;
      for (;;) {
        const at = slots + (<usize>slot << 2);
        const entry = load<u32>(at);
        if (entry == 0) {
          store<u32>(at, (i + 1) | tag);
          break;
        }
        if ((entry & ~NUMBER) == tag) {
          const other = keyOf(keys, entry);
          if (load<u64>(other) == low && load<u64>(other, 8) == high) {
            again = 1;
            break;
          }
        }
        slot = (slot + 1) & mask;
      }
      store<u8>(repeated + i, again);
    }
  }
}

/**
 * found[i] = 1 for the key i that equals a probe. Probes take `width` bytes, 1 to 16, each and stand for
 * keys that end in zeros; up to 15 bytes behind the last one are read. `ahead` is four bytes, for nothing.
 */
export function table_find(
  keys: usize, slots: usize, mask: u32, probes: usize, n: u32, width: u32, found: usize,
  ahead: usize,
): void {
  const keepLow = ~(<u64>0) >> <u64>(64 - (min(width, 8) << 3));
  const keepHigh = width > 8 ? ~(<u64>0) >> <u64>(64 - ((width - 8) << 3)) : 0;
  for (let from: u32 = 0; from < n; from += BLOCK) {
    const count = min(BLOCK, n - from);
    let seen: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const low = load<u64>(probes + <usize>(i * width)) & keepLow;
      seen |= load<u32>(slots + (<usize>(<u32>low & mask) << 2));
    }
    for (let i: u32 = 0; i < count; i++) {
      const low = load<u64>(probes + <usize>(i * width)) & keepLow;
      const entry = load<u32>(slots + (<usize>(<u32>low & mask) << 2));
      seen |= load<u32>(keyOf(keys, max(entry & NUMBER, 1)));
    }
    store<u32>(ahead, seen);
    for (let i: u32 = 0; i < count; i++) {
      const low = load<u64>(probes) & keepLow;
      const high = load<u64>(probes, 8) & keepHigh;
      const tag = tagOf(low);
      probes += width;
      let slot = <u32>low & mask;
      for (;;) {
        const entry = load<u32>(slots + (<usize>slot << 2));
        if (entry == 0) break;
        if ((entry & ~NUMBER) == tag) {
          const key = keyOf(keys, entry);
          if (load<u64>(key) == low && load<u64>(key, 8) == high) {
            store<u8>(found + ((entry & NUMBER) - 1), 1);
            break;
          }
        }
        slot = (slot + 1) & mask;
      }
    }
  }
}

/**
 * The first `width` bytes, 1 to 16, of words[order[i]] at out + i width, for i < n. Up to 15 bytes behind the
 * last are written.
 */
export function table_pick(words: usize, order: usize, n: u32, width: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    v128.store(out, v128.load(words + (<usize>load<u32>(order) << 4)));
    order += 4;
    out += width;
  }
}
