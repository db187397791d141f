/** Rows from hashes, sorted into bins as they come. */

// floor(word size / 2^32)
// @ts-ignore: decorator
@inline
function below(word: u32, size: u32): u32 {
  return <u32>((<u64>word * <u64>size) >> 32);
}

/**
 * Appends n items to their bins: hashes of 32 bytes, the value in the first 16. Word 4 gives the bin
 * and, by the rest of that product, the first column; words 5 and 6 the other two among those that
 * remain; word 7 and the upper half of the rest of word 6 the dense bits. `fill` counts the rows of
 * each bin. Returns the number of items taken: less than n when a bin has `capacity` rows already.
 */
export function okvs_bin(
  hashes: usize, n: u32, first: u32, bins: u32, w: u32, capacity: u32, rows: usize, fill: usize,
): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const word = load<u32>(hashes, 16);
    const bin = below(word, bins);
    const a = below(word * bins, w);
    let b = below(load<u32>(hashes, 20), w - 1);
    b += u32(b >= a);
    const third = load<u32>(hashes, 24);
    let c = below(third, w - 2);
    c += u32(c >= min(a, b));
    c += u32(c >= max(a, b));
    const count = fill + (<usize>bin << 2);
    const at = load<u32>(count);
    if (at == capacity) return i;
    store<u32>(count, at + 1);
    const row = rows + ((<usize>bin * <usize>capacity + <usize>at) << 5);
    v128.store(row, v128.load(hashes));
    store<u16>(row, <u16>a, 16);
    store<u16>(row, <u16>b, 18);
    store<u16>(row, <u16>c, 20);
    store<u32>(row, load<u32>(hashes, 28), 22);
    store<u16>(row, <u16>((third * (w - 2)) >> 16), 26);
    store<u32>(row, first + i, 28);
    hashes += 32;
  }
  return n;
}
