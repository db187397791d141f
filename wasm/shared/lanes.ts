/**
 * The two operations that everything else is made of, on four residues of 32 bits a vector.
 *
 * shoup(x, w) = x w - floor(x w' / 2^32) q with the companion w' = floor(w 2^32 / q) lies in
 * [0, 2q) for every x < 2^32 and w < q: with w' = (w 2^32 - e) / q, 0 <= e < q, it is below
 * q + x e / 2^32 < 2q. (Harvey, J. Symb. Comp. 60 (2014), after Shoup's NTL.)
 */
// @ts-ignore: decorator
@inline
export function shoup(x: v128, w: v128, companion: v128, q: v128): v128 {
  const even = i64x2.extmul_low_i32x4_u(x, companion);
  const odd = i64x2.extmul_high_i32x4_u(x, companion);
  const quotient = v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
  return i32x4.sub(i32x4.mul(x, w), i32x4.mul(quotient, q));
}

// min(x, x - m) as unsigned: x mod m for x < 2m, as x - m wraps above x when x < m.
// @ts-ignore: decorator
@inline
export function below(x: v128, m: v128): v128 {
  return i32x4.min_u(x, i32x4.sub(x, m));
}
