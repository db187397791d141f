/**
 * Products in GF(2^255 - 19): nine limbs of 29 bits, least significant first, 36 bytes, signed.
 *
 * Range  u = 2^28 + 2^16. What `settle` leaves has |limb| <= u and |limb 8| <= 2^22 + 1; sums and
 *        differences of k such values are "k u" and are not carried. A column of a product has at
 *        most eight full terms, so that 8 (a u)(b u) < 2^63 while a b <= 15, folding included.
 */
const MASK: i64 = 0x1fffffff;
const HALF: i64 = 0x10000000;

// Carries rounded to the nearest, limb 0 to limb 8, then around through 2^255 = 19.
// @ts-ignore: decorator
@inline
function settle(
  r: usize, h0: i64, h1: i64, h2: i64, h3: i64, h4: i64, h5: i64, h6: i64, h7: i64, h8: i64,
): void {
  let c = (h0 + HALF) >> 29;
  h0 -= c << 29;
  h1 += c;
  c = (h1 + HALF) >> 29;
  h1 -= c << 29;
  h2 += c;
  c = (h2 + HALF) >> 29;
  h2 -= c << 29;
  h3 += c;
  c = (h3 + HALF) >> 29;
  h3 -= c << 29;
  h4 += c;
  c = (h4 + HALF) >> 29;
  h4 -= c << 29;
  h5 += c;
  c = (h5 + HALF) >> 29;
  h5 -= c << 29;
  h6 += c;
  c = (h6 + HALF) >> 29;
  h6 -= c << 29;
  h7 += c;
  c = (h7 + HALF) >> 29;
  h7 -= c << 29;
  h8 += c;
  c = (h8 + 0x400000) >> 23;
  h8 -= c << 23;
  h0 += 19 * c;
  c = (h0 + HALF) >> 29;
  h0 -= c << 29;
  h1 += c;
  store<i32>(r, <i32>h0, 0);
  store<i32>(r, <i32>h1, 4);
  store<i32>(r, <i32>h2, 8);
  store<i32>(r, <i32>h3, 12);
  store<i32>(r, <i32>h4, 16);
  store<i32>(r, <i32>h5, 20);
  store<i32>(r, <i32>h6, 24);
  store<i32>(r, <i32>h7, 28);
  store<i32>(r, <i32>h8, 32);
}

/** r = f carried: any limbs in, |r| at most u out. r may be f. */
export function carry(r: usize, f: usize): void {
  settle(
    r, <i64>load<i32>(f), <i64>load<i32>(f, 4), <i64>load<i32>(f, 8), <i64>load<i32>(f, 12),
    <i64>load<i32>(f, 16), <i64>load<i32>(f, 20), <i64>load<i32>(f, 24), <i64>load<i32>(f, 28),
    <i64>load<i32>(f, 32),
  );
}

/** r = f g for |f| at most a u and |g| at most b u, a b <= 15. r may be f or g. */
export function mul(r: usize, f: usize, g: usize): void {
  const f0 = <i64>load<i32>(f, 0);
  const f1 = <i64>load<i32>(f, 4);
  const f2 = <i64>load<i32>(f, 8);
  const f3 = <i64>load<i32>(f, 12);
  const f4 = <i64>load<i32>(f, 16);
  const f5 = <i64>load<i32>(f, 20);
  const f6 = <i64>load<i32>(f, 24);
  const f7 = <i64>load<i32>(f, 28);
  const f8 = <i64>load<i32>(f, 32);
  const g0 = <i64>load<i32>(g, 0);
  const g1 = <i64>load<i32>(g, 4);
  const g2 = <i64>load<i32>(g, 8);
  const g3 = <i64>load<i32>(g, 12);
  const g4 = <i64>load<i32>(g, 16);
  const g5 = <i64>load<i32>(g, 20);
  const g6 = <i64>load<i32>(g, 24);
  const g7 = <i64>load<i32>(g, 28);
  const g8 = <i64>load<i32>(g, 32);
  let h0 = f0 * g0;
  let h1 = f0 * g1 + f1 * g0;
  let h2 = f0 * g2 + f1 * g1 + f2 * g0;
  let h3 = f0 * g3 + f1 * g2 + f2 * g1 + f3 * g0;
  let h4 = f0 * g4 + f1 * g3 + f2 * g2 + f3 * g1 + f4 * g0;
  let h5 = f0 * g5 + f1 * g4 + f2 * g3 + f3 * g2 + f4 * g1 + f5 * g0;
  let h6 = f0 * g6 + f1 * g5 + f2 * g4 + f3 * g3 + f4 * g2 + f5 * g1 + f6 * g0;
  let h7 = f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0;
  let h8 = f0 * g8 + f1 * g7 + f2 * g6 + f3 * g5 + f4 * g4 + f5 * g3 + f6 * g2 + f7 * g1 + f8 * g0;
  const h9 = f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1;
  const h10 = f2 * g8 + f3 * g7 + f4 * g6 + f5 * g5 + f6 * g4 + f7 * g3 + f8 * g2;
  const h11 = f3 * g8 + f4 * g7 + f5 * g6 + f6 * g5 + f7 * g4 + f8 * g3;
  const h12 = f4 * g8 + f5 * g7 + f6 * g6 + f7 * g5 + f8 * g4;
  const h13 = f5 * g8 + f6 * g7 + f7 * g6 + f8 * g5;
  const h14 = f6 * g8 + f7 * g7 + f8 * g6;
  const h15 = f7 * g8 + f8 * g7;
  const h16 = f8 * g8;
  // 2^(29 (k + 9)) = 2^261 2^(29 k) = 1216 2^(29 k); split first, so that the product fits.
  h0 += 1216 * (h9 & MASK);
  h1 += 1216 * ((h10 & MASK) + (h9 >> 29));
  h2 += 1216 * ((h11 & MASK) + (h10 >> 29));
  h3 += 1216 * ((h12 & MASK) + (h11 >> 29));
  h4 += 1216 * ((h13 & MASK) + (h12 >> 29));
  h5 += 1216 * ((h14 & MASK) + (h13 >> 29));
  h6 += 1216 * ((h15 & MASK) + (h14 >> 29));
  h7 += 1216 * ((h16 & MASK) + (h15 >> 29));
  h8 += 1216 * (h16 >> 29);
  settle(r, h0, h1, h2, h3, h4, h5, h6, h7, h8);
}

/** r = f^2 for |f| at most 3u. r may be f. */
export function square(r: usize, f: usize): void {
  const f0 = <i64>load<i32>(f, 0);
  const f1 = <i64>load<i32>(f, 4);
  const f2 = <i64>load<i32>(f, 8);
  const f3 = <i64>load<i32>(f, 12);
  const f4 = <i64>load<i32>(f, 16);
  const f5 = <i64>load<i32>(f, 20);
  const f6 = <i64>load<i32>(f, 24);
  const f7 = <i64>load<i32>(f, 28);
  const f8 = <i64>load<i32>(f, 32);
  const d0 = 2 * f0;
  const d1 = 2 * f1;
  const d2 = 2 * f2;
  const d3 = 2 * f3;
  const d4 = 2 * f4;
  const d5 = 2 * f5;
  const d6 = 2 * f6;
  const d7 = 2 * f7;
  let h0 = f0 * f0;
  let h1 = d0 * f1;
  let h2 = d0 * f2 + f1 * f1;
  let h3 = d0 * f3 + d1 * f2;
  let h4 = d0 * f4 + d1 * f3 + f2 * f2;
  let h5 = d0 * f5 + d1 * f4 + d2 * f3;
  let h6 = d0 * f6 + d1 * f5 + d2 * f4 + f3 * f3;
  let h7 = d0 * f7 + d1 * f6 + d2 * f5 + d3 * f4;
  let h8 = d0 * f8 + d1 * f7 + d2 * f6 + d3 * f5 + f4 * f4;
  const h9 = d1 * f8 + d2 * f7 + d3 * f6 + d4 * f5;
  const h10 = d2 * f8 + d3 * f7 + d4 * f6 + f5 * f5;
  const h11 = d3 * f8 + d4 * f7 + d5 * f6;
  const h12 = d4 * f8 + d5 * f7 + f6 * f6;
  const h13 = d5 * f8 + d6 * f7;
  const h14 = d6 * f8 + f7 * f7;
  const h15 = d7 * f8;
  const h16 = f8 * f8;
  // 2^(29 (k + 9)) = 2^261 2^(29 k) = 1216 2^(29 k); split first, so that the product fits.
  h0 += 1216 * (h9 & MASK);
  h1 += 1216 * ((h10 & MASK) + (h9 >> 29));
  h2 += 1216 * ((h11 & MASK) + (h10 >> 29));
  h3 += 1216 * ((h12 & MASK) + (h11 >> 29));
  h4 += 1216 * ((h13 & MASK) + (h12 >> 29));
  h5 += 1216 * ((h14 & MASK) + (h13 >> 29));
  h6 += 1216 * ((h15 & MASK) + (h14 >> 29));
  h7 += 1216 * ((h16 & MASK) + (h15 >> 29));
  h8 += 1216 * (h16 >> 29);
  settle(r, h0, h1, h2, h3, h4, h5, h6, h7, h8);
}
