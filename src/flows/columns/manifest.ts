/**
 * What a holder signs about its encrypted columns: the manifest of what it uploaded, which
 * authenticates every ciphertext, and the statement that it is gone.
 *
 * An erasure statement says what its signer knows: the key was destroyed at its own machine, so that
 * copies of the ciphertexts are random bytes to everybody; and what the sandbox answered when it
 * was told to delete. That the sandbox kept no copy is not claimed (rulings 38).
 * @module
 */
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN, sha256Hex } from '../../base/hash.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../../base/sign.ts';
import type { Clock } from '../ports.ts';
import type { ColumnTable } from './table.ts';

export type Manifest = {
  readonly format: 'kakehashi/columns-manifest/1';
  readonly study: Digest;
  readonly holder: string;
  readonly table: Digest;
  readonly blocks: number;
  readonly list: Json;
  /** SHA-256 of the relinearisation key. */
  readonly relinearisation: Digest;
  /** Salted digests, in order: the commitment to every ciphertext. */
  readonly batches: readonly Digest[];
};

export type SignedManifest = {
  readonly manifest: Manifest;
  readonly key: PublicKeyText;
  readonly signature: string;
};

/** What a sandbox says that it deleted. */
export type Erased = { readonly ciphertexts: number; readonly bytes: number };

export type Erasure = {
  readonly format: 'kakehashi/erasure/1';
  readonly study: Digest;
  readonly holder: string;
  readonly table: Digest;
  readonly keyDestroyed: true;
  readonly sandbox: Erased;
  readonly at: string;
};

export type SignedErasure = {
  readonly erasure: Erasure;
  readonly key: PublicKeyText;
  readonly signature: string;
};

type Signer = { readonly name: string; readonly key: SigningKey };

export function manifestOf(
  { study, table, blocks, list }: ColumnTable,
  relinearisation: Uint8Array,
  batches: readonly Digest[],
  { name, key }: Signer,
): SignedManifest {
  const manifest: Manifest = {
    format: 'kakehashi/columns-manifest/1',
    study,
    holder: name,
    table,
    blocks,
    list,
    relinearisation: sha256Hex(relinearisation),
    batches,
  };
  const signature = key.signObject(DOMAIN.columns, manifest);
  return { manifest, key: key.publicText, signature };
}

/** Refuses what `identity` did not sign, or what is not the manifest that follows from `expected`. */
export function checkManifest(
  { manifest, key, signature }: SignedManifest,
  identity: PublicKeyText,
  expected: Omit<Manifest, 'format'>,
): void {
  const whole = { format: 'kakehashi/columns-manifest/1', ...expected };
  const signed = key === identity && verifyObject(identity, DOMAIN.columns, manifest, signature);
  check(signed, 'SIGNATURE_REJECTED', 'manifest of columns');
  const same = canonicalJson(manifest) === canonicalJson(whole);
  check(same, 'CONFLICT', 'manifest is not of what is stored');
}

export function erasureOf(
  { study, table }: ColumnTable,
  { ciphertexts, bytes }: Erased,
  { name, key, clock }: Signer & { readonly clock: Pick<Clock, 'now'> },
): SignedErasure {
  const erasure: Erasure = {
    format: 'kakehashi/erasure/1',
    study,
    holder: name,
    table,
    keyDestroyed: true,
    sandbox: { ciphertexts, bytes },
    at: clock.now().toISOString(),
  };
  return { erasure, key: key.publicText, signature: key.signObject(DOMAIN.erasure, erasure) };
}

/** True when `identity` signed exactly this statement about a table. */
export const erasureSignedBy = (
  { erasure, key, signature }: SignedErasure,
  identity: PublicKeyText,
): boolean =>
  key === identity &&
  DIGEST_PATTERN.test(erasure.table) &&
  verifyObject(identity, DOMAIN.erasure, erasure, signature);
