/**
 * The specification of wasm/ristretto255, in code: RFC 9496 section 4 line by line, on bigint.
 *
 * Affine points of -x^2 + y^2 = 1 + d x^2 y^2 where the RFC has extended coordinates (Z = 1, T = xy),
 * additions by the curve's own law, multiplication by doubling and adding. Variable time: an
 * oracle for tests, never for a secret.
 * @module
 */
import {
  D,
  D_MINUS_ONE_SQ,
  fromLittleEndian,
  INVSQRT_A_MINUS_D,
  L,
  ONE_MINUS_D_SQ,
  P,
  SQRT_AD_MINUS_ONE,
  SQRT_M1,
  toLittleEndian,
} from '../edwards25519.ts';

export type Point = { readonly x: bigint; readonly y: bigint };

export const IDENTITY: Point = { x: 0n, y: 1n };

const mod = (value: bigint, m = P): bigint => ((value % m) + m) % m;

function power(base: bigint, exponent: bigint, m = P): bigint {
  let [result, square] = [1n, mod(base, m)];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e % 2n === 1n) result = (result * square) % m;
    square = (square * square) % m;
  }
  return result;
}

const inverse = (value: bigint): bigint => power(value, P - 2n);
const isNegative = (value: bigint): boolean => mod(value) % 2n === 1n;
const absolute = (value: bigint): bigint => (isNegative(value) ? mod(-value) : mod(value));

/** SQRT_RATIO_M1(u, v), section 4.2. */
export function sqrtRatio(u: bigint, v: bigint): { wasSquare: boolean; root: bigint } {
  const r = mod(u * v ** 3n * power(mod(u * v ** 7n), (P - 5n) / 8n));
  const check = mod(v * r * r);
  const correct = check === mod(u);
  const flipped = check === mod(-u);
  const flippedI = check === mod(-u * SQRT_M1);
  const root = absolute(flipped || flippedI ? SQRT_M1 * r : r);
  return { wasSquare: correct || flipped, root };
}

/** Section 4.3.1, or undefined where decoding fails. */
export function decode(bytes: Uint8Array): Point | undefined {
  const s = fromLittleEndian(bytes);
  if (bytes.length !== 32 || s >= P || isNegative(s)) return undefined;
  const ss = mod(s * s);
  const [u1, u2] = [mod(1n - ss), mod(1n + ss)];
  const v = mod(-(D * u1 * u1) - u2 * u2);
  const { wasSquare, root } = sqrtRatio(1n, mod(v * u2 * u2));
  const denX = mod(root * u2);
  const denY = mod(root * denX * v);
  const x = absolute(2n * s * denX);
  const y = mod(u1 * denY);
  return !wasSquare || isNegative(x * y) || y === 0n ? undefined : { x, y };
}

/** Section 4.3.2 with Z = 1. */
export function encode({ x, y }: Point): Uint8Array {
  const u1 = mod((1n + y) * (1n - y));
  const u2 = mod(x * y);
  const { root } = sqrtRatio(1n, mod(u1 * u2 * u2));
  const [den1, den2] = [mod(root * u1), mod(root * u2)];
  const zInverse = mod(den1 * den2 * x * y);
  const rotate = isNegative(x * y * zInverse);
  const x1 = rotate ? mod(y * SQRT_M1) : x;
  const y1 = rotate ? mod(x * SQRT_M1) : y;
  const denInverse = rotate ? mod(den1 * INVSQRT_A_MINUS_D) : den2;
  const y2 = isNegative(x1 * zInverse) ? mod(-y1) : y1;
  return toLittleEndian(absolute(denInverse * (1n - y2)));
}

/** MAP of section 4.3.4, on the low 255 bits. */
function map(bytes: Uint8Array): Point {
  const t = mod(fromLittleEndian(bytes) % 2n ** 255n);
  const r = mod(SQRT_M1 * t * t);
  const u = mod((r + 1n) * ONE_MINUS_D_SQ);
  const v = mod((-1n - r * D) * (r + D));
  const { wasSquare, root } = sqrtRatio(u, v);
  const s = wasSquare ? root : mod(-absolute(root * t));
  const c = wasSquare ? -1n : r;
  const n = mod(c * (r - 1n) * D_MINUS_ONE_SQ - v);
  const [w0, w1] = [mod(2n * s * v), mod(n * SQRT_AD_MINUS_ONE)];
  const [w2, w3] = [mod(1n - s * s), mod(1n + s * s)];
  return { x: mod(w0 * inverse(w1)), y: mod(w2 * inverse(w3)) };
}

/** Element derivation, section 4.3.4. */
export const derive = (uniform: Uint8Array): Point =>
  add(map(uniform.subarray(0, 32)), map(uniform.subarray(32)));

/** The addition law of the curve, complete because d is no square. */
export function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export const negate = ({ x, y }: Point): Point => ({ x: mod(-x), y });

export function multiply(point: Point, scalar: bigint): Point {
  let [result, double] = [IDENTITY, point];
  for (let s = scalar; s > 0n; s >>= 1n) {
    if (s % 2n === 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
}

/** Section 4.3.3. */
export const equal = (a: Point, b: Point): boolean =>
  mod(a.x * b.y - a.y * b.x) === 0n || mod(a.y * b.y - a.x * b.x) === 0n;

export const invertScalar = (x: bigint): bigint => power(x, L - 2n, L);
