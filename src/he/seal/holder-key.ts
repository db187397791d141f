/**
 * The keys of a holder of encrypted columns: one table, one key.
 *
 * `secret` decrypts, and also encrypts: the holder is the only one who does either, so it encrypts
 * symmetrically, which has less noise and half the size of a public-key ciphertext. `check` seeds the
 * check rows. The relinearisation key is public; it is an encryption of s² under s, hence circular
 * security is assumed, as by every scheme that relinearises. It goes to the sandbox with the columns.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { BlobCodec } from './blob.ts';
import { Scope, type SealSecretKey, type SealSession } from './library.ts';

const CHECK_KEY_BYTES = 32;

export type HolderKey = {
  readonly secret: Secret;
  readonly check: Secret;
  /** Payload of kind `relinearisation`. */
  readonly relinearisation: Uint8Array;
};

/** SEAL draws the lattice key itself; `rng` gives the key of the check rows. */
export function generateHolderKey(session: SealSession, codec: BlobCodec, rng: Rng): HolderKey {
  using scope = new Scope();
  const generator = scope.own(session.seal.KeyGenerator(session.context));
  const secret = session.saved(scope.own(generator.secretKey()));
  const relinearisation = session.saved(scope.own(generator.createRelinKeys()));
  const key = {
    secret: new Secret('columns key', codec.fromSeal('secret', secret)),
    check: new Secret('check rows key', rng(CHECK_KEY_BYTES)),
    relinearisation: codec.fromSeal('relinearisation', relinearisation),
  };
  secret.fill(0);
  return key;
}

/** SEAL's object of the secret key, owned by `scope`. */
export function openSecretKey(
  session: SealSession,
  codec: BlobCodec,
  key: HolderKey,
  scope: Scope,
): SealSecretKey {
  check(key.check.expose().length === CHECK_KEY_BYTES, 'INVALID_PARAMETER', 'check key length');
  const sealed = codec.toSeal('secret', key.secret.expose());
  const secret = scope.own(session.seal.SecretKey());
  secret.loadArray(session.context, sealed);
  sealed.fill(0);
  return secret;
}
