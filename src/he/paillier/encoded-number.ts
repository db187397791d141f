/**
 * Signed and fractional numbers as python-paillier encodes them (`phe.EncodedNumber`, phe 1.5,
 * phe/encoding.py): value = mantissa · 16^exponent, the mantissa mod n, |mantissa| ≤ ⌊n/3⌋ − 1.
 *
 * The middle third of Z_n is for seeing an overflow, of a sum that passed it by less than its own
 * length; it is not proof against a sum that went round. The exponent is public: chosen by value it
 * tells the magnitude of the value. Give all values of a column one exponent.
 * @module
 */
import { check } from '../../base/errors.ts';
import { bitLength, mod } from './integers.ts';

const BASE_BITS = 4;
const MANTISSA_BITS = 53;
/** Far beyond any double: 16^270 > 2^1074. Bounds the work a stranger's exponent can cause. */
const MAX_EXPONENT = 1024;

export type EncodedNumber = {
  /** In [0, n). */
  readonly encoding: bigint;
  readonly exponent: number;
};

export const largestMantissa = (n: bigint): bigint => n / 3n - 1n;

export const checkExponent = (exponent: number): void =>
  check(
    Number.isInteger(exponent) && Math.abs(exponent) <= MAX_EXPONENT,
    'INVALID_PARAMETER',
    'exponent out of range',
  );

/** A finite double as odd-or-zero integer times a power of two, exactly. */
function exactly(value: number): { integer: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n);
  return {
    integer: bits >> 63n === 1n ? -magnitude : magnitude,
    power: Math.max(biased, 1) - 1075,
  };
}

/** The exponent of a double by phe's rule: its last bit, as if it had 53, rounded down to base 16. */
function naturalExponent(value: number): number {
  const { integer, power } = exactly(value);
  const magnitude = integer < 0n ? -integer : integer;
  const frexp = magnitude === 0n ? 0 : power + bitLength(magnitude);
  return Math.floor((frexp - MANTISSA_BITS) / BASE_BITS);
}

/** integer · 2^power, rounded half to even where power < 0. */
function scaled(integer: bigint, power: number): bigint {
  if (power >= 0) return integer << BigInt(power);
  const unit = 1n << BigInt(-power);
  const floor = integer >> BigInt(-power);
  const twice = 2n * (integer - floor * unit);
  const up = twice > unit || (twice === unit && (floor & 1n) === 1n);
  return up ? floor + 1n : floor;
}

/**
 * A bigint has exponent 0 and a number the exponent that loses nothing, unless `exponent` is given;
 * then it is rounded to that, half to even. Refuses with PLAINTEXT_RANGE what is too large for n.
 */
export function encodeNumber(n: bigint, value: bigint | number, exponent?: number): EncodedNumber {
  check(typeof value === 'bigint' || Number.isFinite(value), 'INVALID_PARAMETER', 'not finite');
  const { integer, power } =
    typeof value === 'bigint' ? { integer: value, power: 0 } : exactly(value);
  const chosen = exponent ?? (typeof value === 'bigint' ? 0 : naturalExponent(value));
  checkExponent(chosen);
  const mantissa = scaled(integer, power - BASE_BITS * chosen);
  const limit = largestMantissa(n);
  check(mantissa >= -limit && mantissa <= limit, 'PLAINTEXT_RANGE', 'number too large for the key');
  return { encoding: mod(mantissa, n), exponent: chosen };
}

/** The signed mantissa. PLAINTEXT_RANGE for the middle third: some sum has overflowed. */
export function mantissaOf(n: bigint, { encoding }: EncodedNumber): bigint {
  check(encoding >= 0n && encoding < n, 'MALFORMED_MESSAGE', 'encoding outside [0, n)');
  const limit = largestMantissa(n);
  if (encoding <= limit) return encoding;
  check(encoding >= n - limit, 'PLAINTEXT_RANGE', 'overflow in a decrypted number');
  return encoding - n;
}

/** The value as a double: rounded once, except below 2^-1022. */
export function decodeNumber(n: bigint, encoded: EncodedNumber): number {
  checkExponent(encoded.exponent);
  const mantissa = mantissaOf(n, encoded);
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  const excess = Math.max(0, bitLength(magnitude) - 64);
  // 64 bits and one that says whether anything was cut off decide the rounding to 53.
  const kept = magnitude >> BigInt(excess);
  const sticky = kept << BigInt(excess) === magnitude ? kept : kept | 1n;
  const power = excess + BASE_BITS * encoded.exponent;
  // Two steps, as 2^power alone may be beyond a double where the product is not.
  const half = Math.trunc(power / 2);
  const value = Number(sticky) * 2 ** half * 2 ** (power - half);
  check(Number.isFinite(value), 'PLAINTEXT_RANGE', 'decoded number too large for a double');
  return mantissa < 0n ? -value : value;
}
