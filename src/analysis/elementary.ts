/**
 * exp and ln from + − * / alone, so that every engine gives the same bits.
 *
 * ECMAScript leaves the last bits of Math.exp, log, pow and their kin to the engine (ECMA-262,
 * "Function Properties of the Math Object"), while + − * / and Math.sqrt are correctly rounded
 * IEEE 754 operations. What is released is hashed by every holder, so nothing in this folder
 * calls the former. `**` is one of them.
 *
 * exp    x = k·ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts (Cody, Waite 1980), the first with
 *        21 trailing zero bits, so that k·LN2_HIGH is exact; then the Taylor series of e^r to
 *        r^14 / 14!.
 * Error  at most 2 units in the last place; test/analysis/elementary.test.ts.
 * @module
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;
/** Above, e^x is not finite; below, it is zero. */
const LARGEST = 709.782712893384;
const SMALLEST = -745.1332191019412;
const EXP_TERMS = 14;

/** 2^k for |k| ≤ 1023, exactly. */
function powerOfTwo(k: number): number {
  let power = 1;
  let square = k < 0 ? 0.5 : 2;
  for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= square;
    square *= square;
  }
  return power;
}

const LOG_TERMS = 11;
const ROOT_HALF = 0.7071067811865476;

/**
 * ln x: x = m·2^k with m in [√½, √2), ln m = 2·artanh((m − 1)/(m + 1)) by its series. −Infinity at
 * 0, NaN below.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let [m, k] = [x, 0];
  for (; m >= 2 * ROOT_HALF; k += 1) m /= 2;
  for (; m < ROOT_HALF; k -= 1) m *= 2;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let n = LOG_TERMS; n >= 1; n--) series = square * (1 / (2 * n + 1) + series);
  return k * LN2_HIGH + (k * LN2_LOW + 2 * s * (1 + series));
}

/** e^x. */
export function exp(x: number): number {
  if (!(x <= LARGEST)) return x > LARGEST ? Infinity : NaN;
  if (x < SMALLEST) return 0;
  const k = Math.round(x * INVERSE_LN2);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const lost = high - r - low;
  let series = 1 / EXP_TERMS;
  // r²/2·(1 + r/3·(1 + r/4·(...)))
  for (let n = EXP_TERMS - 1; n >= 2; n--) series = (1 + r * series) / n;
  const value = 1 + (r + (r * r * series + lost));
  // In two steps: 2^k alone is outside the range of doubles at both ends.
  const half = Math.floor(k / 2);
  return value * powerOfTwo(half) * powerOfTwo(k - half);
}
