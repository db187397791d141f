/**
 * What a holder signs about its encrypted columns: the manifest of what it uploaded, which
 * authenticates every ciphertext, and the statement that it is gone (audit/erasure.ts).
 * @module
 */
import { signErasure, type SignedErasure } from '../../audit/erasure.ts';
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
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

/** The statement that a table is gone; its key was destroyed before. */
export const erasureOf = (
  { study, table }: ColumnTable,
  { ciphertexts, bytes }: Erased,
  { name, key, clock }: Signer & { readonly clock: Pick<Clock, 'now'> },
): SignedErasure =>
  signErasure(
    {
      study,
      holder: name,
      of: { kind: 'columns', id: table },
      keys: ['columns'],
      sandbox: { ciphertexts, bytes },
      at: clock.now(),
    },
    key,
  );
