/**
 * Encrypted numbers with a public exponent, as python-paillier's `EncryptedNumber`: a ciphertext of a
 * mantissa and the power of 16 that it is to be multiplied with. Two numbers are added at the smaller
 * exponent, to which the other is brought by a multiple of its ciphertext.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { decodeNumber, type EncodedNumber, encodeNumber } from './encoded-number.ts';
import { type Ciphertext, decrypt, encrypt, multiple, sum } from './encryption.ts';
import type { PrivateKey } from './private-key.ts';
import type { Randomiser } from './randomiser.ts';

export type EncryptedNumber = { readonly ciphertext: Ciphertext; readonly exponent: number };

/** See `encodeNumber` for the exponent. */
export function encryptNumber(
  randomiser: Randomiser,
  value: bigint | number,
  rng: Rng,
  exponent?: number,
): EncryptedNumber {
  const encoded = encodeNumber(randomiser.publicKey.n, value, exponent);
  return {
    ciphertext: encrypt(randomiser, encoded.encoding, rng),
    exponent: encoded.exponent,
  };
}

/** The same number at a smaller exponent; a larger one would need the key. */
export function atExponent(
  randomiser: Randomiser,
  number: EncryptedNumber,
  exponent: number,
  rng: Rng,
): EncryptedNumber {
  const steps = number.exponent - exponent;
  check(
    Number.isInteger(steps) && steps >= 0,
    'INVALID_PARAMETER',
    'an exponent can only become smaller',
  );
  if (steps === 0) return number;
  const ciphertext = multiple(randomiser, number.ciphertext, 16n ** BigInt(steps), rng);
  return { ciphertext, exponent };
}

export function sumNumbers(
  randomiser: Randomiser,
  numbers: readonly EncryptedNumber[],
  rng: Rng,
): EncryptedNumber {
  check(numbers.length > 0, 'INVALID_PARAMETER', 'nothing to sum');
  const exponent = numbers.reduce((least, number) => Math.min(least, number.exponent), Infinity);
  const aligned = numbers.map((number) => atExponent(randomiser, number, exponent, rng).ciphertext);
  return { ciphertext: sum(randomiser, aligned, rng), exponent };
}

/** The product with a known number; exponents add. */
export function multiplyNumber(
  randomiser: Randomiser,
  number: EncryptedNumber,
  factor: bigint | number,
  rng: Rng,
): EncryptedNumber {
  const { n } = randomiser.publicKey;
  const { encoding, exponent } = encodeNumber(n, factor);
  const signed = encoding > n / 2n ? encoding - n : encoding;
  return {
    ciphertext: multiple(randomiser, number.ciphertext, signed, rng),
    exponent: number.exponent + exponent,
  };
}

/** The encoding, for exact use; `decryptNumber` rounds it to a double. */
export const decryptEncoded = (
  key: PrivateKey,
  { ciphertext, exponent }: EncryptedNumber,
  rng: Rng,
): EncodedNumber => ({ encoding: decrypt(key, ciphertext, rng), exponent });

export const decryptNumber = (key: PrivateKey, number: EncryptedNumber, rng: Rng): number =>
  decodeNumber(key.publicKey.n, decryptEncoded(key, number, rng));
