/**
 * The key files of a data directory in one encrypted file: AES-256-GCM under a key that scrypt makes of a
 * passphrase (N = 2^17, r = 8, p = 1: 128 MiB). Without the passphrase a backup carries no key.
 *
 * Limit  a passphrase that can be guessed is guessed: what keeps it is its own entropy.
 * @module
 */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { concat } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check, Refusal } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';

const FORMAT = 'kakehashi/key-pack/1';
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
const [SALT, NONCE, TAG] = [32, 12, 16];
const NAME = /^[a-z0-9][a-z0-9.-]{0,160}$/;

/** By name; a name leads to no other directory. The files are the caller's to wipe. */
export type KeyFiles = ReadonlyMap<string, Secret>;

const checkNames = (names: Iterable<string>): void =>
  check(
    [...names].every((name) => NAME.test(name)),
    'KEY_FILE_INVALID',
    'name of a key',
  );

const keyOf = (passphrase: Secret, salt: Uint8Array): Secret =>
  new Secret('key of a backup', new Uint8Array(scryptSync(passphrase.expose(), salt, 32, SCRYPT)));

/** Refuses with KEY_FILE_INVALID a name that `unpackKeys` would not take. */
export function packKeys(files: KeyFiles, passphrase: Secret, rng: Rng): Uint8Array {
  checkNames(files.keys());
  const [salt, nonce] = [rng(SALT), rng(NONCE)];
  using key = keyOf(passphrase, salt);
  const exposed = [...files].map(([name, file]) => [name, file.expose()] as const);
  using plain = new Secret('keys', encodeCbor(Object.fromEntries(exposed)));
  const cipher = createCipheriv('aes-256-gcm', key.expose(), nonce);
  cipher.setAAD(Buffer.from(FORMAT));
  const body = cipher.update(plain.expose());
  return encodeCbor([FORMAT, salt, nonce, concat(body, cipher.final(), cipher.getAuthTag())]);
}

/** Refuses with KEY_FILE_INVALID another passphrase, and what is no such file. */
export function unpackKeys(bytes: Uint8Array, passphrase: Secret): KeyFiles {
  try {
    return unpacked(bytes, passphrase);
  } catch (cause) {
    throw new Refusal('KEY_FILE_INVALID', 'keys of the backup do not open', undefined, { cause });
  }
}

function unpacked(bytes: Uint8Array, passphrase: Secret): KeyFiles {
  const item = decodeCbor(bytes);
  const [format, salt, nonce, locked] = Array.isArray(item) ? (item as readonly unknown[]) : [];
  const shaped =
    format === FORMAT &&
    [salt, nonce, locked].every((part) => part instanceof Uint8Array) &&
    (locked as Uint8Array).length >= TAG;
  check(shaped, 'KEY_FILE_INVALID', 'format of the keys');
  const box = locked as Uint8Array;
  using key = keyOf(passphrase, salt as Uint8Array);
  const decipher = createDecipheriv('aes-256-gcm', key.expose(), nonce as Uint8Array);
  decipher.setAAD(Buffer.from(FORMAT));
  decipher.setAuthTag(box.subarray(box.length - TAG));
  const opened = decipher.update(box.subarray(0, box.length - TAG));
  using plain = new Secret('keys', concat(opened, decipher.final()));
  opened.fill(0);
  const files = Object.entries(decodeCbor(plain.expose()) as Record<string, Uint8Array>);
  checkNames(files.map(([name]) => name));
  // Copies: the decoder may have given views of what is wiped here.
  return new Map(
    files.map(([name, bytes]) => [name, new Secret(`key file ${name}`, bytes.slice())]),
  );
}
