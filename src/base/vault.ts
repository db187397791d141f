/**
 * Encryption of small secrets at rest: AES-256-GCM (SP 800-38D) under a key derived from the
 * owner's signing key, a fresh 96-bit nonce for each, the label as associated data.
 *
 * Adversary   someone who reads or swaps files of the data directory but not the PEM.
 * Limit       2^32 values under one key (random nonces, SP 800-38D section 8.3).
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, utf8 } from './bytes.ts';
import { check, refuseAs } from './errors.ts';
import { deriveKey } from './hash.ts';
import type { Rng } from './rng.ts';
import { Secret } from './secret.ts';
import type { SigningKey } from './sign.ts';

const NONCE = 12;
const TAG = 16;

export class Vault {
  readonly #key: Secret;
  readonly #rng: Rng;

  constructor(owner: SigningKey, rng: Rng) {
    using seed = owner.seed();
    this.#key = deriveKey(seed, 'kakehashi/vault/1');
    this.#rng = rng;
  }

  /** A sub-key of the owner for `purpose`, the same every time. */
  derive(purpose: string): Secret {
    return deriveKey(this.#key, `kakehashi/vault/derive/1/${purpose}`);
  }

  /** nonce ‖ ciphertext ‖ tag: 28 bytes longer than `plaintext`. */
  lock(label: string, plaintext: Uint8Array): Uint8Array {
    const nonce = this.#rng(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key.expose(), nonce);
    cipher.setAAD(utf8(label));
    const body = cipher.update(plaintext);
    return concat(nonce, body, cipher.final(), cipher.getAuthTag());
  }

  /** Refuses with DATA_DIRECTORY_DAMAGED what was not locked under this label by this owner. */
  unlock(label: string, locked: Uint8Array): Secret {
    check(locked.length >= NONCE + TAG, 'DATA_DIRECTORY_DAMAGED', `${label}: length`);
    return refuseAs('DATA_DIRECTORY_DAMAGED', `${label}: does not open`, () => {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        this.#key.expose(),
        locked.subarray(0, NONCE),
      );
      decipher.setAAD(utf8(label));
      decipher.setAuthTag(locked.subarray(locked.length - TAG));
      const body = decipher.update(locked.subarray(NONCE, locked.length - TAG));
      return new Secret(label, concat(body, decipher.final()));
    });
  }
}
