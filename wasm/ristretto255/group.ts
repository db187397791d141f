/**
 * Points of -x^2 + y^2 = 1 + d x^2 y^2 over GF(2^255 - 19), x = X/Z, y = Y/Z, T = XY/Z.
 *
 * Extended, projective and "completed" coordinates and the formulas: Hisil, Wong, Carter, Dawson,
 * "Twisted Edwards Curves Revisited", ePrint 2008/522 (a = -1: sections 3.1 and 3.3, complete for
 * this d). A completed point (E, F, G, H) stands for X = E F, Y = G H, Z = F G, T = E H, and a
 * cached one is (Y + X, Y - X, 2Z, 2dT). Ranges in units of u (product.ts) beside the lines.
 */
import { D2, FE, G0, ONE } from './layout';
import { add, copy, negate, sub, zero } from './field';
import { mul, square } from './product';

/** r = (0, 1), extended. */
export function identity(r: usize): void {
  zero(r);
  copy(r + FE, ONE);
  copy(r + 2 * FE, ONE);
  zero(r + 3 * FE);
}

/** X, Y, Z of a completed point: three products. What a doubling needs. */
export function toProjective(r: usize, c: usize): void {
  mul(r, c, c + FE);
  mul(r + FE, c + 2 * FE, c + 3 * FE);
  mul(r + 2 * FE, c + FE, c + 2 * FE);
}

/** X, Y, Z, T of a completed point: four products. What an addition needs. */
export function toExtended(r: usize, c: usize): void {
  toProjective(r, c);
  mul(r + 3 * FE, c, c + 3 * FE);
}

/** r = 2p completed, from X, Y, Z at most 1u; four squares. r is not p. Uses G0. */
export function double(r: usize, p: usize): void {
  const e = r;
  const f = r + FE;
  const g = r + 2 * FE;
  const h = r + 3 * FE;
  square(e, p); // XX
  square(g, p + FE); // YY
  square(f, p + 2 * FE); // ZZ
  add(h, p, p + FE);
  square(G0, h); // (X + Y)^2
  add(h, g, e); // YY + XX: 2u
  sub(g, g, e); // YY - XX: 2u
  sub(e, G0, h); // 2XY: 3u
  add(f, f, f);
  sub(f, f, g); // 2ZZ - (YY - XX): 4u
}

/** The cached form of an extended point at most 1u. r is not p. */
export function toCached(r: usize, p: usize): void {
  add(r, p + FE, p);
  sub(r + FE, p + FE, p);
  add(r + 2 * FE, p + 2 * FE, p + 2 * FE);
  mul(r + 3 * FE, p + 3 * FE, D2);
}

/** r = -r of a cached point. Uses G0. */
export function negateCached(r: usize): void {
  copy(G0, r);
  copy(r, r + FE);
  copy(r + FE, G0);
  negate(r + 3 * FE, r + 3 * FE);
}

/** r = p + q completed: p extended, q cached; four products. r is neither. Uses G0. */
export function addCached(r: usize, p: usize, q: usize): void {
  const a = G0;
  const b = G0 + FE;
  const c = G0 + 2 * FE;
  const d = G0 + 3 * FE;
  sub(a, p + FE, p);
  mul(a, a, q + FE); // (Y - X)(Y' - X')
  add(b, p + FE, p);
  mul(b, b, q); // (Y + X)(Y' + X')
  mul(c, p + 3 * FE, q + 3 * FE); // 2dTT'
  mul(d, p + 2 * FE, q + 2 * FE); // 2ZZ'
  sub(r, b, a); // E: 2u
  sub(r + FE, d, c); // F: 2u
  add(r + 2 * FE, d, c); // G: 2u
  add(r + 3 * FE, b, a); // H: 2u
}
