/** The values of a bin: from rows to columns, in the reverse order of peeling, and back. */

/** tables[k][b] = the sum of the dense columns 8k + j over the bits j of b: six tables of 256 words. */
export function okvs_tables(dense: usize, tables: usize): void {
  for (let k: u32 = 0; k < 6; k++) {
    v128.store(tables, i64x2.splat(0));
    for (let b: usize = 1; b < 256; b++) {
      v128.store(
        tables + (b << 4),
        v128.xor(
          v128.load(tables + ((b & (b - 1)) << 4)), v128.load(dense + (<usize>ctz(b) << 4))),
      );
    }
    dense += 128;
    tables += 4096;
  }
}

// The product of a row and the columns.
// @ts-ignore: decorator
@inline
function product(row: usize, columns: usize, tables: usize): v128 {
  const low = load<u32>(row, 22);
  const high = load<u16>(row, 26);
  let sum = v128.xor(
    v128.load(columns + (<usize>load<u16>(row, 16) << 4)),
    v128.load(columns + (<usize>load<u16>(row, 18) << 4)));
  sum = v128.xor(sum, v128.load(columns + (<usize>load<u16>(row, 20) << 4)));
  sum = v128.xor(sum, v128.load(tables + (<usize>(low & 255) << 4)));
  sum = v128.xor(sum, v128.load(tables + (<usize>((low >> 8) & 255) << 4), 4096));
  sum = v128.xor(sum, v128.load(tables + (<usize>((low >> 16) & 255) << 4), 8192));
  sum = v128.xor(sum, v128.load(tables + (<usize>(low >> 24) << 4), 12288));
  sum = v128.xor(sum, v128.load(tables + (<usize>(high & 255) << 4), 16384));
  return v128.xor(sum, v128.load(tables + (<usize>(high >> 8) << 4), 20480));
}

/** Sets one column a peeled row, last removed first. The columns to be set must be zero. */
export function okvs_back(
  rows: usize, order: usize, count: u32, columns: usize, tables: usize,
): void {
  for (let at = order + (<usize>count << 3); at > order; ) {
    at -= 8;
    const row = rows + (<usize>load<u32>(at) << 5);
    v128.store(
      columns + (<usize>load<u32>(at, 4) << 4),
      v128.xor(v128.load(row), product(row, columns, tables)),
    );
  }
}

/** out[i] = the product of row i and the columns. */
export function okvs_decode(
  rows: usize, n: u32, columns: usize, tables: usize, out: usize,
): void {
  for (let i: u32 = 0; i < n; i++) {
    v128.store(out, product(rows, columns, tables));
    rows += 32;
    out += 16;
  }
}
