/**
 * Constants of edwards25519 and ristretto255: RFC 9496 sections 4 and 4.1, RFC 8032 section 5.1.
 * The square roots are the ones with the signs that RFC 9496 prints; a test squares them.
 * @module
 */

/** 2^255 - 19 */
export const P = 2n ** 255n - 19n;
/** The prime order of the group, 2^252 + 27742317777372353535851937790883648493. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** -121665/121666 */
export const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
export const SQRT_M1 =
  19681161376707505956807079304988542015446066515923890162744021073123829784752n;
export const SQRT_AD_MINUS_ONE =
  25063068953384623474111414158702152701244531502492656460079210482610430750235n;
export const INVSQRT_A_MINUS_D =
  54469307008909316920995813868745141605393597292927456921205312896311721017578n;
export const ONE_MINUS_D_SQ =
  1159843021668779879193775521855586647937357759715417654439879720876111806838n;
export const D_MINUS_ONE_SQ =
  40440834346308536858101042469323190826248399146238708352240133220865137265952n;

/** The encoding of the generator, RFC 9496 appendix A.1, 1 times. */
export const GENERATOR = Uint8Array.of(
  ...[0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51],
  ...[0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d],
  ...[0x2d, 0x76],
);

/** 32 bytes, little endian, of 0 <= value < 2^256. */
export function toLittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, value >> BigInt(64 * i), true);
  return bytes;
}

/** The integer that the bytes are, little endian. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
}
