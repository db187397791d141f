/**
 * The random bytes of a sampler, 32 bits at a time, from a generator or from a 32-byte seed.
 *
 * A holder draws one seed for each reservation and expands it here, so that a run that is
 * resumed draws the same noise again (rulings 9, 20). Block i of the expansion is AES-256-CTR
 * from counter zero under HKDF(seed, "kakehashi/noise/1 block i"): every key is used for one
 * stream. Assumption: AES-256 and HKDF-SHA-256 are pseudorandom; noise is then exact up to
 * that distance.
 * @module
 */
import { check } from '../../base/errors.ts';
import { deriveKey, keyStream } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';

/** A stream of uniform bits. Stateful: two samplers on one source share its stream. */
export interface ByteSource {
  /** The next four bytes of the stream as a little-endian integer. */
  word(): number;
}

const SEED_BYTES = 32;
const SEEDED_BLOCK = 1 << 16;
const RNG_BLOCK = 1 << 12;

/** Words are little-endian bytes on every machine. */
const SWAPPED = new Uint8Array(Uint32Array.of(1).buffer)[0] === 0;

class BlockSource implements ByteSource {
  readonly #next: () => Uint8Array;
  #words: Uint32Array = new Uint32Array(0);
  #at = 0;

  /** `next` returns blocks of a multiple of four bytes and gives them away. */
  constructor(next: () => Uint8Array) {
    this.#next = next;
  }

  word(): number {
    if (this.#at === this.#words.length) this.#refill();
    return this.#words[this.#at++] ?? 0;
  }

  #refill(): void {
    this.#words.fill(0); // used noise bytes are not kept
    const block = this.#next();
    const aligned = block.byteOffset % 4 === 0 ? block : block.slice();
    if (SWAPPED) Buffer.from(aligned.buffer, aligned.byteOffset, aligned.length).swap32();
    this.#words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
    this.#at = 0;
  }
}

/** The bytes of `rng`, in order, fetched in blocks of 4 KiB. */
export const bytesOf = (rng: Rng): ByteSource => new BlockSource(() => rng(RNG_BLOCK));

/** The stream of a seed of 32 bytes: the same for the same seed. `seed` stays the caller's. */
export function seededBytes(seed: Secret): ByteSource {
  check(seed.expose().length === SEED_BYTES, 'INVALID_PARAMETER', 'noise seed length');
  let index = 0;
  return new BlockSource(() => {
    using key = deriveKey(seed, `kakehashi/noise/1 block ${index}`);
    index += 1;
    return keyStream(key, SEEDED_BLOCK);
  });
}
