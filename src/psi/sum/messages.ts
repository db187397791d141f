/**
 * The messages of the sum protocol, version 1, beside those of ECDH-PSI (psi/ecdh/messages.ts), as bodies
 * of psi/frames.ts. Every length follows from the sizes in the hellos and the offer.
 *
 *     offer        [ version | columns | bytes of the public key, 2 bytes little endian ]
 *     key          [ public key ]
 *     ciphertexts  [ up to 64 KiB of ciphertexts, one for each item of B and in its order ]
 *     total        [ one ciphertext ]
 *     masked       [ 12 bytes for each column: the masked sum + 2^95, little endian ]
 * @module
 */
import { fromHex, toHex } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { MASK_BITS, MOST_SUM_COLUMNS } from './additive.ts';

const VERSION = 1;
const MOST_KEY_BYTES = 4096;
const FRAME_BYTES = 65_536;
const MASKED_BYTES = 12;
const OFFSET = 1n << BigInt(8 * MASKED_BYTES - 1);

export const KIND = {
  offer: 0x78,
  key: 0x79,
  ciphertexts: 0x7a,
  total: 0x7b,
  masked: 0x7c,
} as const;
export const OFFER_BYTES = 4;

export type Offer = { readonly columns: number; readonly keyBytes: number };

export const encodeOffer = ({ columns, keyBytes }: Offer): Uint8Array =>
  Uint8Array.of(VERSION, columns, keyBytes & 0xff, keyBytes >> 8);

export function decodeOffer(body: Uint8Array): Offer {
  const [version = 0, columns = 0, low = 0, high = 0] = body;
  if (version !== VERSION)
    throw new Refusal('UNSUPPORTED_VERSION', 'psi-sum', { asked: version, served: [VERSION] });
  check(columns > 0 && columns <= MOST_SUM_COLUMNS, 'MALFORMED_MESSAGE', `${columns} columns`);
  const keyBytes = low + 256 * high;
  const fits = keyBytes > 0 && keyBytes <= MOST_KEY_BYTES;
  check(fits, 'MALFORMED_MESSAGE', `public key of ${keyBytes} bytes`);
  return { columns, keyBytes };
}

/** How many ciphertexts a full frame has. */
export const ciphertextsAFrame = (ciphertextBytes: number): number =>
  Math.max(1, Math.floor(FRAME_BYTES / ciphertextBytes));

export const maskedBytes = (columns: number): number => columns * MASKED_BYTES;

/** Refuses as MALFORMED_MESSAGE sums that no mask of this protocol can have given. */
export function encodeMasked(sums: readonly bigint[]): Uint8Array {
  const body = new Uint8Array(maskedBytes(sums.length));
  sums.forEach((sum, i) => {
    const shifted = sum + OFFSET;
    check(shifted >= 0n && shifted < 2n * OFFSET, 'MALFORMED_MESSAGE', 'total out of range');
    const bytes = fromHex(shifted.toString(16).padStart(2 * MASKED_BYTES, '0')).reverse();
    body.set(bytes, i * MASKED_BYTES);
  });
  return body;
}

const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.slice().reverse())}`);

export const decodeMasked = (body: Uint8Array): bigint[] =>
  Array.from(
    { length: body.length / MASKED_BYTES },
    (_, i) => integerOf(body.subarray(i * MASKED_BYTES, (i + 1) * MASKED_BYTES)) - OFFSET,
  );

/** Uniform in [−2^90, 2^90). */
export function drawMask(rng: Rng): bigint {
  const bytes = rng(MASKED_BYTES);
  const bits = integerOf(bytes) >> BigInt(8 * MASKED_BYTES - 1 - Number(MASK_BITS));
  bytes.fill(0);
  return bits - (1n << MASK_BITS);
}
