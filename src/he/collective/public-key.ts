/**
 * The collective public key, made by committing first and revealing after.
 *
 *     holder i: p_i = −(crs s_i) + e_i, salt_i ←$ {0,1}^256
 *     1. everybody sends  H(key, crs, holder, salt_i, p_i)        until all commitments are there
 *     2. everybody sends  (salt_i, p_i)                           each checked against its commitment
 *     p = Σ p_i, a public key of s = Σ s_i
 *
 * Papers     Asharov et al., ePrint 2011/613; Mouchet et al., ePrint 2020/304.
 * Adversary  without step 1 whoever speaks last sends p' − Σ p_i and owns the collective key alone:
 *            p' is a key it made. With it the last one is bound before it sees the others. A copy of
 *            another's commitment does not help, as it binds the holder's name; a copy of another's
 *            share is refused. A holder can still abort after seeing all shares, and start anew
 *            under another attempt: it gains a choice among keys that it has a share of.
 * Assumption SHA-256 binds and, with the salt, hides. Messages are signed around this.
 * Limits     one public share for one key, for ever (rulings 2): the caller keeps and replays the bytes.
 * @module
 */
import { Buffer } from 'node:buffer';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { ringOf } from '../ring/polynomial.ts';
import { crsId, publicPart, type PublicKey } from '../rlwe/public-key.ts';
import { keyId, type KeyIdentity, type KeyShare } from './key.ts';

export const SALT_BYTES = 32;

/** What a holder reveals in step 2. */
export type PublicShare = { readonly salt: Uint8Array; readonly packed: Uint8Array };

/** This holder's public share; `packed` are the values of p_i. */
export const createPublicShare = (
  parameters: Parameters,
  share: KeyShare,
  rng: Rng,
): PublicShare => ({
  salt: rng(SALT_BYTES),
  packed: publicPart(ringOf(parameters), share, share.key, rng),
});

/** What it sends in step 1. */
export function commitTo(
  parameters: Parameters,
  key: Digest,
  holder: string,
  { salt, packed }: PublicShare,
): Digest {
  check(salt.length === SALT_BYTES, 'MALFORMED_MESSAGE', 'salt length');
  const crs = crsId(parameters, key);
  return transcriptDigest('kakehashi/he-commit/1', [key, crs, holder, salt, packed]);
}

/** One key generation as one party sees it. Each holder speaks once in each step. */
export class KeyCeremony {
  readonly #parameters: Parameters;
  readonly #key: Digest;
  readonly #holders: readonly string[];
  readonly #commitments = new Map<string, Digest>();
  readonly #shares = new Map<string, Uint8Array>();

  constructor(parameters: Parameters, identity: KeyIdentity) {
    this.#parameters = parameters;
    this.#key = keyId(identity);
    this.#holders = [...identity.holders];
  }

  /** Step 1. Refuses a stranger, a second commitment, a digest that somebody else has sent. */
  commit(holder: string, commitment: Digest): void {
    check(this.#holders.includes(holder), 'MALFORMED_MESSAGE', 'commitment of a stranger');
    check(DIGEST_PATTERN.test(commitment), 'MALFORMED_MESSAGE', 'commitment');
    check(!this.#commitments.has(holder), 'PROTOCOL_STATE', 'a second commitment');
    const copied = [...this.#commitments.values()].includes(commitment);
    check(!copied, 'MALFORMED_MESSAGE', 'a copied commitment');
    this.#commitments.set(holder, commitment);
  }

  /** May this holder reveal its own share? Only when everybody is bound. */
  get allCommitted(): boolean {
    return this.#commitments.size === this.#holders.length;
  }

  /**
   * Step 2. Refuses with PROTOCOL_STATE a share before all commitments or a second one, with
   * PROOF_REJECTED one that does not open its commitment, with MALFORMED_MESSAGE a copy of another.
   */
  reveal(holder: string, share: PublicShare): void {
    check(this.allCommitted, 'PROTOCOL_STATE', 'a share before all commitments');
    check(!this.#shares.has(holder), 'PROTOCOL_STATE', 'a second share');
    const opened = commitTo(this.#parameters, this.#key, holder, share);
    check(this.#commitments.get(holder) === opened, 'PROOF_REJECTED', 'commitment not opened');
    for (const other of this.#shares.values()) {
      const copy = Buffer.compare(other, share.packed) === 0;
      check(!copy, 'MALFORMED_MESSAGE', 'a copied public share');
    }
    unpackInto(ringOf(this.#parameters), 0, share.packed);
    this.#shares.set(holder, share.packed.slice());
  }

  /** p = Σ p_i, when every holder has revealed. */
  publicKey(): PublicKey {
    const complete = this.#shares.size === this.#holders.length;
    check(complete, 'PROTOCOL_STATE', 'public key before all shares');
    const ring = ringOf(this.#parameters);
    ring.machine.clear(0);
    for (const packed of this.#shares.values()) {
      unpackInto(ring, 1, packed);
      ring.machine.add(0, 0, 1);
    }
    const packed = new Uint8Array(this.#parameters.polynomialBytes);
    ring.machine.pack(0, packed);
    const { id } = this.#parameters;
    return { parameters: id, key: this.#key, holders: this.#holders.length, packed };
  }
}
