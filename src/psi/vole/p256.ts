/**
 * Addition of one point to many on NIST P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3), which node:crypto
 * does not offer. Multiplications by scalars are left to OpenSSL.
 *
 * Affine, with one inversion for all (Montgomery's trick). Not constant time: bigint arithmetic takes
 * time that depends on its operands. base-ot.ts says where operands are secret and why that is bearable.
 * @module
 */
import { check } from '../../base/errors.ts';

export const POINT_BYTES = 65;
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
/** The order of the group. */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

type Point = { readonly x: bigint; readonly y: bigint };

const mod = (value: bigint): bigint => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};

export const integerOf = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);

/** An uncompressed point (SEC 1 section 2.3.4) that is on the curve; MALFORMED_MESSAGE otherwise. */
export function decodePoint(bytes: Uint8Array): Point {
  check(bytes.length === POINT_BYTES && bytes[0] === 4, 'MALFORMED_MESSAGE', 'point encoding');
  const [x, y] = [integerOf(bytes.subarray(1, 33)), integerOf(bytes.subarray(33))];
  const onCurve = x < P && y < P && mod(y * y - (x * x * x - 3n * x + B)) === 0n;
  check(onCurve, 'MALFORMED_MESSAGE', 'point is not on the curve');
  return { x, y };
}

function encodePoint({ x, y }: Point): Uint8Array {
  const text = `04${x.toString(16).padStart(64, '0')}${y.toString(16).padStart(64, '0')}`;
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** 1 / value mod P by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [a, b, u, v] = [mod(value), P, 1n, 0n];
  while (a !== 0n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [u, v] = [v - quotient * u, u];
  }
  return mod(v);
}

/** 1 / v for each of `values`, none of them 0. */
function inverses(values: readonly bigint[]): bigint[] {
  const before: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    before.push(product);
    product = (product * value) % P;
  }
  let rest = inverse(product);
  const out = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i -= 1) {
    out[i] = (rest * (before[i] as bigint)) % P;
    rest = (rest * (values[i] as bigint)) % P;
  }
  return out;
}

/**
 * point + addend, or point − addend, for each point. Refuses (MALFORMED_MESSAGE) a point that is ± the addend:
 * it occurs with probability 2^-255 when both are honest.
 */
export function addToAll(
  points: readonly Uint8Array[],
  addend: Uint8Array,
  sign: 1 | -1,
): Uint8Array[] {
  const { x, y } = decodePoint(addend);
  const decoded = points.map(decodePoint);
  check(!decoded.some((point) => point.x === x), 'MALFORMED_MESSAGE', 'point equals the addend');
  const other = sign === 1 ? y : P - y;
  const slopes = inverses(decoded.map((point) => mod(x - point.x)));
  return decoded.map((point, i) => {
    const slope = mod((other - point.y) * (slopes[i] as bigint));
    const sumX = mod(slope * slope - point.x - x);
    return encodePoint({ x: sumX, y: mod(slope * (point.x - sumX) - point.y) });
  });
}
