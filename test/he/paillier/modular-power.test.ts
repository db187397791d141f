/** OpenSSL's powers against bigints, and the operands that Diffie-Hellman has no answer for. */
import { createDiffieHellman, randomBytes } from 'node:crypto';
import { deepStrictEqual, equal, notEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { fromBytes, toBytes } from '../../../src/he/paillier/integers.ts';
import { ModularPower, powerUnsafe } from '../../../src/he/paillier/modular-power.ts';
import { refusal } from '../../support/refusal.ts';

const oddOf = (bits: number): bigint =>
  fromBytes(randomBytes(bits / 8)) | 1n | (1n << BigInt(bits - 1));

describe('ModularPower', () => {
  for (const bits of [64, 256, 504, 512, 1024, 2048]) {
    test(`${bits} bits: equals bigints`, () => {
      const modulus = oddOf(bits);
      const power = new ModularPower(modulus);
      equal(power.engine, bits < 512 ? 'bigint' : 'openssl');
      const bases = [
        0n,
        1n,
        2n,
        modulus - 1n,
        modulus - 2n,
        modulus,
        modulus + 5n,
        -3n,
        oddOf(bits),
      ];
      for (const base of bases) {
        for (const exponent of [0n, 1n, 2n, 3n, oddOf(64)]) {
          equal(power.power(base, exponent), powerUnsafe(base, exponent, modulus));
        }
      }
    });
  }

  test('results 0, 1 and m − 1, which OpenSSL refuses', () => {
    // A Mersenne prime: 2^521 = 1 mod p, and 3^((p − 1)/2) is 1 or −1.
    const p = 2n ** 521n - 1n;
    const power = new ModularPower(p);
    equal(power.engine, 'openssl');
    equal(power.power(2n, 521n), 1n);
    equal(power.power(3n, (p - 1n) / 2n), powerUnsafe(3n, (p - 1n) / 2n, p));
    equal(new ModularPower(3n ** 400n).power(3n, 400n), 0n);
    const dh = createDiffieHellman(toBytes(p), new Uint8Array([2]));
    dh.setPrivateKey(toBytes(521n));
    throws(() => dh.computeSecret(toBytes(2n)), 'control: without the wrapper it is an error');
  });

  test('below 512 bits a Diffie-Hellman object may answer wrongly: the known answer decides', () => {
    const modulus = oddOf(256);
    const dh = createDiffieHellman(toBytes(modulus), new Uint8Array([2]));
    dh.setPrivateKey(toBytes(65_537n));
    const raw = (): bigint => fromBytes(dh.computeSecret(toBytes(modulus >> 1n)));
    let answer: bigint | undefined;
    try {
      answer = raw();
    } catch {
      answer = undefined;
    }
    notEqual(answer, powerUnsafe(modulus >> 1n, 65_537n, modulus), 'control: it does here');
  });

  test('refusals', () => {
    throws(() => new ModularPower(1n << 600n), refusal('INVALID_PARAMETER'));
    throws(() => new ModularPower(1n), refusal('INVALID_PARAMETER'));
    const power = new ModularPower(oddOf(512));
    throws(() => power.power(2n, -1n), refusal('INVALID_PARAMETER'));
    deepStrictEqual(power.power(2n, 1n), 2n);
  });
});
