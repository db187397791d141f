/**
 * Products in GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1) with one fixed factor, by tables of
 * its 256 multiples at each of the 16 byte positions: 64 KiB. Bit i of a little-endian 16-byte word is
 * the coefficient of x^i.
 *
 * Timing   the fixed factor decides neither branches nor addresses. The other factor decides
 *          addresses: it must be public, or its owner must accept what its own caches show.
 */

/** table[p][b] = b x^(8p) f, from table[p][1 << k] = x^(8p + k) f, which the caller has set. */
export function gf128_table(table: usize): void {
  for (let p: u32 = 0; p < 16; p++) {
    v128.store(table, i64x2.splat(0));
    for (let b: usize = 1; b < 256; b++) {
      const rest = b & (b - 1);
      if (rest != 0) {
        const lowest = b ^ rest;
        v128.store(
          table + (b << 4),
          v128.xor(v128.load(table + (rest << 4)), v128.load(table + (lowest << 4))),
        );
      }
    }
    table += 4096;
  }
}

/** sums[i] += x[i] f. */
export function gf128_add_product(sums: usize, x: usize, n: u32, table: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    let sum = v128.load(sums);
    let at = table;
    for (let half: usize = 0; half < 16; half += 8) {
      let word = load<u64>(x + half);
      for (let p: u32 = 0; p < 8; p++) {
        sum = v128.xor(sum, v128.load(at + (<usize>(word & 255) << 4)));
        word >>= 8;
        at += 4096;
      }
    }
    v128.store(sums, sum);
    sums += 16;
    x += 16;
  }
}
