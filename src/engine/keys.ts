/**
 * Key files: Ed25519 as PKCS#8 PEM, mode 0600, encrypted where a passphrase file is given
 * (DESIGN section 9, "Keys").
 *
 * A file that others than its owner can read is refused, passphrases likewise: who could read it
 * may have. The mode is taken from the open file, so that it is the mode of what is read.
 *
 * Adversary   other users of the machine. Not given: anything against its administrator.
 * Limit       the PEM's text stays in the JavaScript heap until it is collected.
 * @module
 */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { check, Refusal, systemCode } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { SigningKey } from '../base/sign.ts';
import { syncDirectory } from './blobs/sync-directory.ts';

const OTHERS = 0o077;
const PASSPHRASE = 'key passphrase';
/** A PEM of this kind has 119 bytes, encrypted 318; nothing longer is read. */
const MAX_BYTES = 16_384;
const ENCRYPTED = '-----BEGIN ENCRYPTED PRIVATE KEY-----';

async function readPrivate(path: string): Promise<Buffer> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new Refusal('FILE_NOT_FOUND', `${path}: ${systemCode(cause)}`, undefined, { cause });
  });
  try {
    const stat = await handle.stat();
    check(stat.isFile() && stat.size <= MAX_BYTES, 'KEY_FILE_INVALID', `${path}: not a key file`);
    check((stat.mode & OTHERS) === 0, 'KEY_FILE_MODE', path);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The first line of a file that its owner alone can read: editors end it with a line break that nobody meant. */
export async function readSecretLine(label: string, path: string): Promise<Secret> {
  const bytes = await readPrivate(path);
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  const line = new Secret(
    label,
    Uint8Array.prototype.slice.call(bytes, 0, end < 0 ? bytes.length : end),
  );
  bytes.fill(0);
  check(line.expose().length > 0, 'KEY_FILE_INVALID', `${path}: empty ${label}`);
  return line;
}

/**
 * The key in `path`. Refuses with FILE_NOT_FOUND, KEY_FILE_MODE or KEY_FILE_INVALID; also a
 * plain key where a passphrase was given, for its owner believes that it is encrypted.
 */
export async function loadKey(path: string, passphraseFile?: string): Promise<SigningKey> {
  const pem = (await readPrivate(path)).toString('latin1');
  const encrypted = pem.trimStart().startsWith(ENCRYPTED);
  const invalid = (why: string): Refusal => new Refusal('KEY_FILE_INVALID', `${path}: ${why}`);
  if (passphraseFile === undefined) {
    if (encrypted) throw invalid('is encrypted, and no passphrase file is given');
    return parsed(() => SigningKey.fromPem(pem), invalid('is not an Ed25519 key in PKCS#8 PEM'));
  }
  if (!encrypted) throw invalid('is not encrypted');
  using passphrase = await readSecretLine(PASSPHRASE, passphraseFile);
  return parsed(
    () => SigningKey.fromPem(pem, passphrase),
    invalid(`the passphrase in ${passphraseFile} does not open it`),
  );
}

function parsed(read: () => SigningKey, otherwise: Refusal): SigningKey {
  try {
    return read();
  } catch {
    throw otherwise;
  }
}

/** Writes a new file, durably; refuses with FILE_EXISTS to replace one. */
export async function saveKey(
  path: string,
  key: SigningKey,
  passphraseFile?: string,
): Promise<void> {
  using passphrase =
    passphraseFile === undefined ? undefined : await readSecretLine(PASSPHRASE, passphraseFile);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    const code = systemCode(cause) === 'EEXIST' ? 'FILE_EXISTS' : 'FILE_NOT_FOUND';
    throw new Refusal(code, `${path}: ${systemCode(cause)}`, undefined, { cause });
  });
  try {
    await handle.writeFile(key.toPem(passphrase));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(path));
}
