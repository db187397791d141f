/**
 * Between slots modulo t and ring coefficients: encode round(q m / t), decode round(t x / q) mod t, one
 * slot a coefficient. With t = 2^32 slots add and wrap like 32-bit words.
 *
 * Why rounded   floor(q/t) m would leave an error of m (q/t − floor(q/t)) that depends on the
 *               plaintext, 2^31 for large m, and that the smudging is not sized for (rulings 5).
 *
 * Encoding      With h = floor(t/2) let r = (q m + h) mod t in [0, t). Then
 *               round(q m / t) = (q m + h − r) / t exactly, and modulo a limb, where q ≡ 0,
 *                   round(q m / t) ≡ h/t − r/t
 *               r needs q mod t only. m and m + t give codes that differ by q, that is the same
 *               code: centring m changes nothing, and m is never compared.
 *
 * Decoding      With y_i = x_i (q/q_i)^-1 mod q_i, CRT says x / q = Σ y_i / q_i − integer, so
 *                   round(t x / q) ≡ round(t Σ y_i / q_i)  mod t.
 *               The sum is kept modulo 1 in units of 2^-64, each term less than 2 units short;
 *               codec.ts says what that costs and security.ts leaves room for it.
 * @module
 */
import type { Slots } from '../../kernels/rlwe.ts';
import { type Coefficients, coefficientsOf, type Ring } from './polynomial.ts';

/** The low 32 bits of each value: reduction mod 2^32, by a view, without a test of the value. */
export function reduceToSlots(values: BigInt64Array): Uint32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const slots = new Uint32Array(values.length);
  for (let i = 0; i < slots.length; i++) slots[i] = words[2 * i] as number;
  return slots;
}

/** 32-bit slots as integers in [−2^31, 2^31). */
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

/** register += round(q m_j / t) for n slots. */
export function addCode({ machine, codec }: Ring, register: number, slots: Slots): void {
  machine.encode(slots, codec.plaintext);
  machine.addWords(register, codec.code);
}

/** register += errors + round(q m_j / t) for n slots, the errors being those of `small`. */
export function addErrorsAndCode({ machine, codec }: Ring, register: number, slots: Slots): void {
  machine.encode(slots, codec.plaintext);
  if (slots instanceof Uint32Array) {
    machine.addSmallWords(register, codec.code);
    return;
  }
  machine.addSmall(register);
  machine.addWords(register, codec.code);
}

/** round(q m_j / t) for n slots. */
export function encode(ring: Ring, slots: Slots): Coefficients {
  ring.machine.clear(0);
  addCode(ring, 0, slots);
  const code = coefficientsOf(ring.machine.read(0));
  ring.machine.wipe(0);
  return code;
}

/** round(t x_j / q) mod t in [−t/2, t/2) of a register, which stays. */
export const decodeRegister = ({ machine, codec }: Ring, register: number): BigInt64Array =>
  machine.decode(register, codec.fractions, codec.plaintext);

/** round(t x_j / q) mod t for t = 2^32. `x` is public by now: it has been decrypted by all holders. */
export function decode(ring: Ring, x: Coefficients): Uint32Array {
  ring.machine.load(0, x.limbs);
  return reduceToSlots(decodeRegister(ring, 0));
}
