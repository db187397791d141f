/**
 * Between 32-bit slots and ring coefficients: encode round(q m / t), decode round(t x / q) mod t,
 * with t = 2^32 and one slot a coefficient, so that slots add and wrap like 32-bit words.
 *
 * Why rounded   floor(q/t) m would leave an error of m (q/t − floor(q/t)) that depends on the
 *               plaintext, 2^31 for large m, and that the smudging is not sized for (rulings 5).
 *
 * Encoding      Let r = (q m + t/2) mod t in [0, t). Then round(q m / t) = (q m + t/2 − r) / t
 *               exactly, and modulo a limb, where q ≡ 0,
 *                   round(q m / t) ≡ 1/2 − r / t                    (1/2 = (q_i + 1) / 2)
 *               r needs the low 32 bits of q only. m and m + t give codes that differ by q, that is
 *               the same code: centring m changes nothing, and m is never compared.
 *
 * Decoding      With y_i = x_i (q/q_i)^-1 mod q_i, CRT says x / q = Σ y_i / q_i − integer, so
 *                   round(t x / q) ≡ round(Σ 2^32 y_i / q_i)  mod t.
 *               Each term is cut to 18 binary places; k limbs lose less than k 2^-18 together, so the
 *               result is right while |noise| < (q / 2t)(1 − k 2^-17). security.ts demands that.
 * @module
 */
import { check } from '../../base/errors.ts';
import { invModUnsafe } from '../../kernels/modular.ts';
import type { Parameters } from './parameters.ts';
import { type Coefficients, limbOf, type Ring, wipe } from './polynomial.ts';

/** Binary places kept of each term when decoding. */
const PLACES = 18;
/** The decoder is right for noise below q/2t times (1 − limbs / 2^DECODING_LOSS_BITS). */
export const DECODING_LOSS_BITS = PLACES - 1;

/** The low 32 bits of each value: reduction mod t, by a view, without a test of the value. */
export function reduceToSlots(values: BigInt64Array): Uint32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const slots = new Uint32Array(values.length);
  for (let i = 0; i < slots.length; i++) slots[i] = words[2 * i] as number;
  return slots;
}

/** Slots as integers in [−2^31, 2^31). */
export function centreSlots(slots: Uint32Array): BigInt64Array {
  const out = new BigInt64Array(slots.length);
  const words = new Int32Array(out.buffer);
  for (let i = 0; i < slots.length; i++) {
    const value = (slots[i] as number) | 0;
    words[2 * i] = value;
    words[2 * i + 1] = value >> 31;
  }
  return out;
}

/** round(q m_j / t) for n slots. */
export function encode(ring: Ring, slots: Uint32Array): Coefficients {
  const { n, limbs, modulus } = ring.parameters;
  check(slots.length === n, 'INVALID_PARAMETER', `${slots.length} slots`);
  const lowModulus = Number(modulus & 0xffffffffn);
  const rest = new Uint32Array(n);
  for (let j = 0; j < n; j++) rest[j] = Math.imul(lowModulus, slots[j] as number) ^ 0x80000000;
  const scaled = ring.scaleWords(
    rest,
    limbs.map(({ q }) => invModUnsafe(2 ** 32 % q, q)),
  );
  const halves = ring.coefficients(({ q }) => new Uint32Array(n).fill((q + 1) / 2));
  const code = ring.subtract(halves, scaled);
  rest.fill(0);
  wipe(scaled);
  return code;
}

/** (q / q_i)^-1 mod q_i for each limb. */
const crtFactors = ({ limbs, modulus }: Parameters): number[] =>
  limbs.map(({ q }) => invModUnsafe(Number((modulus / BigInt(q)) % BigInt(q)), q));

/** round(t x_j / q) mod t. `x` is public by now: it has been decrypted by all holders. */
export function decode(ring: Ring, x: Coefficients): Uint32Array {
  const { n, limbs } = ring.parameters;
  const y = ring.scale(x, crtFactors(ring.parameters));
  const sums = new Float64Array(n).fill(2 ** (PLACES - 1));
  limbs.forEach(({ q }, i) => {
    const limb = limbOf(y, i);
    for (let j = 0; j < n; j++) {
      // floor(2^50 y / q) in two exact divisions: numerators stay below 2^53, as q < 2^28.
      const shifted = (limb[j] as number) * 2 ** 25;
      const high = Math.floor(shifted / q);
      const low = Math.floor(((shifted - high * q) * 2 ** 25) / q);
      sums[j] = (sums[j] as number) + high * 2 ** 25 + low;
    }
  });
  // At most 8 terms below 2^50: sums are exact. The word store takes the result mod 2^32.
  const slots = new Uint32Array(n);
  for (let j = 0; j < n; j++) slots[j] = Math.floor((sums[j] as number) / 2 ** PLACES);
  return slots;
}
