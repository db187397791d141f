/**
 * A hash table with open addressing over 16-byte keys that are hashes already: their first word is the
 * place to look first, then the next. A slot holds the key's number + 1, or 0.
 *
 * Timing   keys and probes decide branches and addresses: the owner's own, or public.
 */

/**
 * Enters keys first to n - 1. repeated[i] = 1 where an equal key is there already, which is not entered again.
 * `mask` + 1 slots, a power of two, at least 2n, zero before the first call.
 */
export function table_enter(
  keys: usize, first: u32, n: u32, slots: usize, mask: u32, repeated: usize,
): void {
  for (let i = first; i < n; i++) {
    const key = keys + (<usize>i << 4);
    const low = load<u64>(key);
    const high = load<u64>(key, 8);
    let slot = <u32>low & mask;
    let again: u8 = 0;
    for (;;) {
      const at = slots + (<usize>slot << 2);
      const entry = load<u32>(at);
      if (entry == 0) {
        store<u32>(at, i + 1);
        break;
      }
      const other = keys + (<usize>(entry - 1) << 4);
      if (load<u64>(other) == low && load<u64>(other, 8) == high) {
        again = 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
    store<u8>(repeated + i, again);
  }
}

/**
 * found[i] = 1 for the key i that equals a probe. Probes take `width` bytes, 1 to 16, each and stand for
 * keys that end in zeros; up to 15 bytes behind the last one are read.
 */
export function table_find(
  keys: usize, slots: usize, mask: u32, probes: usize, n: u32, width: u32, found: usize,
): void {
  const keepLow = ~(<u64>0) >> <u64>(64 - (min(width, 8) << 3));
  const keepHigh = width > 8 ? ~(<u64>0) >> <u64>(64 - ((width - 8) << 3)) : 0;
  for (let i: u32 = 0; i < n; i++) {
    const low = load<u64>(probes) & keepLow;
    const high = load<u64>(probes, 8) & keepHigh;
    probes += width;
    let slot = <u32>low & mask;
    for (;;) {
      const entry = load<u32>(slots + (<usize>slot << 2));
      if (entry == 0) break;
      const key = keys + (<usize>(entry - 1) << 4);
      if (load<u64>(key) == low && load<u64>(key, 8) == high) {
        store<u8>(found + (entry - 1), 1);
        break;
      }
      slot = (slot + 1) & mask;
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
