/**
 * base^exponent mod m for an odd m, by OpenSSL.
 *
 * Node has no modular exponentiation of its own, but a Diffie-Hellman object of node:crypto computes
 * other^private mod prime and takes any odd modulus of 512 to 10,000 bits for the prime. Measured 10
 * times as fast as bigints. It is not what the interface is documented for, so each modulus passes
 * a known-answer test against bigints when it is set up, and one that fails, or is too small (Node 20
 * returns zeros below 512 bits without an error), is served by bigints: `engine` says which.
 *
 * Timing   OpenSSL handles the exponent in constant time (BN_FLG_CONSTTIME, set for DH private
 *          keys). Setting an exponent, converting to and from bigints, and the bigint engine are
 *          not constant time.
 * Limits   OpenSSL refuses a base outside [2, m − 2], exponent 0 and a result of 0, 1 or m − 1;
 *          those go to bigints. Callers with secret operands blind them, so that it does not happen
 *          with a probability worth naming.
 * @module
 */
import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { check } from '../../base/errors.ts';
import { bitLength, fromBytes, mod, toBytes } from './integers.ts';

const SMALLEST_BITS = 512;
const LARGEST_BITS = 10_000;
const KNOWN_EXPONENT = 65_537n;

/** Square and multiply. Variable time. */
export function powerUnsafe(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  let square = mod(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

export class ModularPower {
  readonly modulus: bigint;
  readonly engine: 'openssl' | 'bigint';
  readonly #dh: DiffieHellman | undefined;
  #exponent: bigint | undefined;

  /** `modulus` is odd and at least 3. Takes some 10 ms at 3072 bits and 70 ms at 6144. */
  constructor(modulus: bigint) {
    check(modulus >= 3n && modulus % 2n === 1n, 'INVALID_PARAMETER', 'modulus is not odd');
    this.modulus = modulus;
    const bits = bitLength(modulus);
    const suits = bits >= SMALLEST_BITS && bits <= LARGEST_BITS;
    this.#dh = suits ? createDiffieHellman(toBytes(modulus), new Uint8Array([2])) : undefined;
    this.engine = this.#knownAnswer() ? 'openssl' : 'bigint';
  }

  /** base^exponent mod the modulus, for exponent ≥ 0 and any base. */
  power(base: bigint, exponent: bigint): bigint {
    check(exponent >= 0n, 'INVALID_PARAMETER', 'negative exponent');
    const residue = mod(base, this.modulus);
    const answer = this.engine === 'openssl' ? this.#byOpenSsl(residue, exponent) : undefined;
    return answer ?? powerUnsafe(residue, exponent, this.modulus);
  }

  #byOpenSsl(base: bigint, exponent: bigint): bigint | undefined {
    if (this.#dh === undefined || exponent === 0n) return undefined;
    if (base < 2n || base > this.modulus - 2n) return undefined;
    if (this.#exponent !== exponent) {
      this.#dh.setPrivateKey(toBytes(exponent));
      this.#exponent = exponent;
    }
    try {
      return fromBytes(this.#dh.computeSecret(toBytes(base)));
    } catch {
      // A result of 0, 1 or m − 1 is an error to Diffie-Hellman and a number to us.
      return undefined;
    }
  }

  #knownAnswer(): boolean {
    const base = this.modulus >> 1n;
    const answer = this.#byOpenSsl(base, KNOWN_EXPONENT);
    return answer !== undefined && answer === powerUnsafe(base, KNOWN_EXPONENT, this.modulus);
  }
}
