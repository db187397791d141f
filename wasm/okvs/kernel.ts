/**
 * An oblivious key-value store in bins: three sparse columns and 48 dense binary columns a row,
 * values in GF(2)^128. The peeling of Pinkas, Rosulek, Trieu, Yanai (ePrint 2020/193) and Garimella et
 * al. (ePrint 2021/883); what peeling leaves is solved by the caller.
 *
 * Row      32 bytes: value 16, three columns of 16 bits, 48 dense bits, the item's index 32 bits.
 * Timing   rows decide branches and addresses: a row is a hash of the owner's own item under a public
 *          seed. Values decide neither.
 */
export { okvs_bin } from './bins';
export { okvs_back, okvs_decode, okvs_tables } from './values';

// A column: how many rows that are left it has (32 bits), and the xor of their numbers (32 bits).
// @ts-ignore: decorator
@inline
function drop(column: usize, row: u32): u32 {
  const degree = load<u32>(column) - 1;
  store<u32>(column, degree);
  store<u32>(column, load<u32>(column, 4) ^ row, 4);
  return degree;
}

/**
 * Peels n rows over w columns. Writes pairs (row, column) in the order of removal to `order` and
 * returns their number; a row that is left has 0 at peeled[row]. `columns` is 8 w bytes, `stack`
 * 4 (w + 3 n) bytes, `peeled` n bytes.
 */
export function okvs_peel(
  rows: usize, n: u32, w: u32, columns: usize, stack: usize, order: usize, peeled: usize,
): u32 {
  memory.fill(columns, 0, <usize>w << 3);
  memory.fill(peeled, 0, n);
  for (let i: u32 = 0; i < n; i++) {
    const row = rows + (<usize>i << 5);
    for (let k: usize = 16; k < 22; k += 2) {
      const column = columns + (<usize>load<u16>(row + k) << 3);
      store<u32>(column, load<u32>(column) + 1);
      store<u32>(column, load<u32>(column, 4) ^ i, 4);
    }
  }
  let top = stack;
  for (let c: u32 = 0; c < w; c++) {
    if (load<u32>(columns + (<usize>c << 3)) == 1) {
      store<u32>(top, c);
      top += 4;
    }
  }
  let count: u32 = 0;
  while (top > stack) {
    top -= 4;
    const c = load<u32>(top);
    const column = columns + (<usize>c << 3);
    if (load<u32>(column) != 1) continue;
    const i = load<u32>(column, 4);
    store<u32>(order, i);
    store<u32>(order, c, 4);
    order += 8;
    count += 1;
    store<u8>(peeled + i, 1);
    const row = rows + (<usize>i << 5);
    for (let k: usize = 16; k < 22; k += 2) {
      const other = <u32>load<u16>(row + k);
      if (drop(columns + (<usize>other << 3), i) == 1) {
        store<u32>(top, other);
        top += 4;
      }
    }
  }
  return count;
}
