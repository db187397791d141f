/** Additive schemes for tests: a toy that hides nothing, and Paillier with a key of 1024 bits. */
import { check } from '../../../src/base/errors.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { paillierScheme } from '../../../src/cli/psi-paillier.ts';
import { ownThread } from '../../../src/base/batches.ts';
import { PAILLIER_BATCHES } from '../../../src/he/paillier/many.ts';
import { blumPrime } from '../../../src/he/paillier/prime.ts';
import { PrivateKey } from '../../../src/he/paillier/private-key.ts';
import { publicKeyUnsafe } from '../../../src/he/paillier/public-key.ts';
import type {
  AdditiveKey,
  AdditivePublicKey,
  AdditiveScheme,
} from '../../../src/psi/sum/additive.ts';

const SLOT = 16;

/** Slots in clear, 16 bytes each: whoever sees a ciphertext reads it. */
export function toyEncode(values: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(SLOT * values.length);
  values.forEach((value, i) => {
    const word = BigInt.asUintN(128, value)
      .toString(16)
      .padStart(2 * SLOT, '0');
    bytes.write(word, SLOT * i, 'hex');
  });
  return new Uint8Array(bytes);
}

function toyDecode(bytes: Uint8Array, slots: number): bigint[] {
  check(bytes.length === SLOT * slots, 'MALFORMED_MESSAGE', 'toy ciphertext');
  return Array.from({ length: slots }, (_, i) =>
    BigInt.asIntN(
      128,
      BigInt(`0x${Buffer.from(bytes.subarray(SLOT * i, SLOT * i + SLOT)).toString('hex')}`),
    ),
  );
}

const toyKey = (slots: number): AdditiveKey & AdditivePublicKey => ({
  publicKey: Uint8Array.of(1),
  ciphertextBytes: SLOT * slots,
  encrypt: toyEncode,
  encryptRows: async (rows) => rows.map(toyEncode),
  decrypt: (bytes) => toyDecode(bytes, slots),
  sum: (ciphertexts) =>
    toyEncode(
      ciphertexts
        .map((bytes) => toyDecode(bytes, slots))
        .reduce((a, b) => a.map((value, i) => value + b[i]!)),
    ),
  [Symbol.dispose]: () => {},
});

export const toyScheme: AdditiveScheme = {
  generate: ({ count }) => toyKey(count),
  read: (_, { count }) => toyKey(count),
};

/** Primes of 512 bits as `generatePrivateKey` chooses larger ones: fixed-base encryption needs that. */
function blumPrimes(): readonly [bigint, bigint] {
  for (;;) {
    const [p, q] = [blumPrime(512, systemRng), blumPrime(512, systemRng)];
    using key = PrivateKey.fromPrimesUnsafe(p, q);
    if (key.publicKey.shape === 'blum') return [p, q];
  }
}

/** The same primes for every key of a test file: finding them is not what is tested. */
export function smallPaillier(): AdditiveScheme {
  const [p, q] = blumPrimes();
  return paillierScheme(ownThread(PAILLIER_BATCHES), {
    generate: () => PrivateKey.fromPrimesUnsafe(p, q),
    read: (n) => publicKeyUnsafe(n),
  });
}
