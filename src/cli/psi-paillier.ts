/**
 * Paillier as the additive scheme of psi/sum: a fresh 3072-bit key for each session, all columns of a row in one
 * plaintext.
 *
 * Assumption   The owner of the columns encrypts with short exponents (he/paillier/randomiser.ts): DCR, and that
 *              256-bit exponents cannot be told from uniform ones. The other party re-randomises under DCR alone.
 *              3072 bits are the 128-bit level (NIST SP 800-57 part 1, table 2); not post-quantum.
 * Foreign key  The receiver encrypts under the key that the owner sends: what it gives away by that, its masked
 *              total, is the owner's to decrypt anyhow (he/paillier/public-key.ts). No flow of the service does so.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rng } from '../base/rng.ts';
import type { Batches } from '../base/batches.ts';
import { type Ciphertext, readCiphertexts } from '../he/paillier/encryption.ts';
import { fromBytes, toFixedBytes } from '../he/paillier/integers.ts';
import { encryptAll } from '../he/paillier/many.ts';
import {
  decryptPacked,
  encryptPacked,
  type Packed,
  packedPlaintext,
  packing,
  sumPacked,
} from '../he/paillier/packing.ts';
import { generatePrivateKey, type PrivateKey } from '../he/paillier/private-key.ts';
import { type PublicKey, publicKey } from '../he/paillier/public-key.ts';
import {
  fixedBaseRandomiser,
  type Randomiser,
  uniformRandomiser,
} from '../he/paillier/randomiser.ts';
import type { AdditiveKey, AdditivePublicKey, AdditiveScheme, Slots } from '../psi/sum/additive.ts';
import { PAILLIER_BITS } from './psi-request.ts';

/** What both parties do with a key: rows in, ciphertexts of one length out. */
class Encryptor implements AdditivePublicKey {
  readonly ciphertextBytes: number;
  readonly layout: ReturnType<typeof packing>;
  readonly #randomiser: Randomiser;
  readonly #slots: Slots;

  constructor(randomiser: Randomiser, slots: Slots) {
    const key = randomiser.publicKey;
    this.ciphertextBytes = 2 * Math.ceil(key.bits / 8);
    this.#randomiser = randomiser;
    this.#slots = slots;
    this.layout = packing(key, slots.bound, slots.additions);
    const { slots: most } = this.layout;
    check(slots.count <= most, 'PLAINTEXT_RANGE', `${slots.count} columns, ${most} fit the key`);
  }

  encrypt(values: readonly bigint[], rng: Rng): Uint8Array {
    const { ciphertext } = encryptPacked(this.#randomiser, this.layout, values, rng);
    return toFixedBytes(ciphertext.value, this.ciphertextBytes);
  }

  sum(ciphertexts: readonly Uint8Array[], rng: Rng): Uint8Array {
    const key = this.#randomiser.publicKey;
    const parts = readCiphertexts(key, ciphertexts.map(fromBytes)).map((c) => this.#packed(c, 1n));
    return toFixedBytes(
      sumPacked(this.#randomiser, parts, rng).ciphertext.value,
      this.ciphertextBytes,
    );
  }

  /** A sum of at most as many terms as the layout is made for. */
  total(bytes: Uint8Array): Packed {
    const [ciphertext] = readCiphertexts(this.#randomiser.publicKey, [fromBytes(bytes)]);
    return this.#packed(ciphertext as Ciphertext, BigInt(this.#slots.additions));
  }

  #packed(ciphertext: Ciphertext, terms: bigint): Packed {
    return { ciphertext, packing: this.layout, count: this.#slots.count, terms };
  }
}

type Keys = {
  readonly generate: (rng: Rng) => PrivateKey;
  /** A key of the peer, checked. */
  readonly read: (n: bigint) => PublicKey;
};

const KEYS: Keys = { generate: (rng) => generatePrivateKey(PAILLIER_BITS, rng), read: publicKey };

function ownerOf(key: PrivateKey, slots: Slots, rng: Rng, batches: Batches): AdditiveKey {
  const own = key.publicKey;
  const randomiser = fixedBaseRandomiser(own, 'short', rng);
  const encryptor = new Encryptor(randomiser, slots);
  const { ciphertextBytes, layout } = encryptor;
  return {
    publicKey: toFixedBytes(own.n, Math.ceil(own.bits / 8)),
    ciphertextBytes,
    encryptRows: async (rows, draw) => {
      const plaintexts = rows.map((values) => packedPlaintext(own, layout, values));
      const ciphertexts = await encryptAll(randomiser, plaintexts, draw, batches);
      return ciphertexts.map(({ value }) => toFixedBytes(value, ciphertextBytes));
    },
    decrypt: (total, draw) => decryptPacked(key, encryptor.total(total), draw),
    [Symbol.dispose]: () => {
      key[Symbol.dispose]();
    },
  };
}

/** `batches`: where rows are encrypted. `keys` is for tests with smaller ones. */
export const paillierScheme = (batches: Batches, keys: Keys = KEYS): AdditiveScheme => ({
  generate: (slots, rng) => ownerOf(keys.generate(rng), slots, rng, batches),
  read: (bytes, slots) => new Encryptor(uniformRandomiser(keys.read(fromBytes(bytes))), slots),
});
