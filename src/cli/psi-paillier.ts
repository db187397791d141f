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
import { fromHex, toHex } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import type { Rng } from '../base/rng.ts';
import { type Ciphertext, readCiphertexts } from '../he/paillier/encryption.ts';
import {
  decryptPacked,
  encryptPacked,
  type Packed,
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

const toBytes = (value: bigint, length: number): Uint8Array =>
  fromHex(value.toString(16).padStart(2 * length, '0'));
const fromBytes = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);

/** What both parties do with a key: rows in, ciphertexts of one length out. */
class Encryptor implements AdditivePublicKey {
  readonly ciphertextBytes: number;
  readonly #randomiser: Randomiser;
  readonly #layout: ReturnType<typeof packing>;
  readonly #slots: Slots;

  constructor(randomiser: Randomiser, slots: Slots) {
    const key = randomiser.publicKey;
    this.ciphertextBytes = 2 * Math.ceil(key.bits / 8);
    this.#randomiser = randomiser;
    this.#slots = slots;
    this.#layout = packing(key, slots.bound, slots.additions);
    const { slots: most } = this.#layout;
    check(slots.count <= most, 'PLAINTEXT_RANGE', `${slots.count} columns, ${most} fit the key`);
  }

  encrypt(values: readonly bigint[], rng: Rng): Uint8Array {
    const { ciphertext } = encryptPacked(this.#randomiser, this.#layout, values, rng);
    return toBytes(ciphertext.value, this.ciphertextBytes);
  }

  sum(ciphertexts: readonly Uint8Array[], rng: Rng): Uint8Array {
    const key = this.#randomiser.publicKey;
    const parts = readCiphertexts(key, ciphertexts.map(fromBytes)).map((c) => this.#packed(c, 1n));
    return toBytes(sumPacked(this.#randomiser, parts, rng).ciphertext.value, this.ciphertextBytes);
  }

  /** A sum of at most as many terms as the layout is made for. */
  total(bytes: Uint8Array): Packed {
    const [ciphertext] = readCiphertexts(this.#randomiser.publicKey, [fromBytes(bytes)]);
    return this.#packed(ciphertext as Ciphertext, BigInt(this.#slots.additions));
  }

  #packed(ciphertext: Ciphertext, terms: bigint): Packed {
    return { ciphertext, packing: this.#layout, count: this.#slots.count, terms };
  }
}

type Keys = {
  readonly generate: (rng: Rng) => PrivateKey;
  /** A key of the peer, checked. */
  readonly read: (n: bigint) => PublicKey;
};

const KEYS: Keys = { generate: (rng) => generatePrivateKey(PAILLIER_BITS, rng), read: publicKey };

function ownerOf(key: PrivateKey, slots: Slots, rng: Rng): AdditiveKey {
  const own = key.publicKey;
  const encryptor = new Encryptor(fixedBaseRandomiser(own, 'short', rng), slots);
  return {
    publicKey: toBytes(own.n, Math.ceil(own.bits / 8)),
    ciphertextBytes: encryptor.ciphertextBytes,
    encrypt: (values, draw) => encryptor.encrypt(values, draw),
    decrypt: (total, draw) => decryptPacked(key, encryptor.total(total), draw),
    [Symbol.dispose]: () => {
      key[Symbol.dispose]();
    },
  };
}

/** `keys` is for tests with smaller ones. */
export const paillierScheme = (keys: Keys = KEYS): AdditiveScheme => ({
  generate: (slots, rng) => ownerOf(keys.generate(rng), slots, rng),
  read: (bytes, slots) => new Encryptor(uniformRandomiser(keys.read(fromBytes(bytes))), slots),
});
