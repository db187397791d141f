/** Key files: what is written is what is read, and nobody else could have read it. */
import { rejects, strictEqual } from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { loadKey, saveKey } from '../../src/engine/keys.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const write = (file: string, text: string, mode = 0o600): string => {
  writeFileSync(file, text, { mode });
  return file;
};

describe('key files', () => {
  test('a saved key is loaded again, mode 0600 in a directory 0700', async () => {
    const file = path.join(scratch(), 'keys', 'identity.pem');
    const key = SigningKey.generate();
    await saveKey(file, key);
    strictEqual((await loadKey(file)).publicText, key.publicText);
    strictEqual(statSync(file).mode & 0o777, 0o600);
    strictEqual(statSync(path.dirname(file)).mode & 0o777, 0o700);
  });

  test('with a passphrase the file is encrypted, and opens with that passphrase only', async () => {
    const directory = scratch();
    const file = path.join(directory, 'key.pem');
    const right = write(path.join(directory, 'right'), 'correct horse\n');
    const wrong = write(path.join(directory, 'wrong'), 'battery staple');
    const key = SigningKey.generate();
    await saveKey(file, key, right);
    strictEqual(readFileSync(file, 'utf8').includes('ENCRYPTED'), true);
    strictEqual((await loadKey(file, right)).publicText, key.publicText);
    await rejects(loadKey(file, wrong), refusal('KEY_FILE_INVALID'));
    await rejects(loadKey(file), refusal('KEY_FILE_INVALID'));
  });

  test('an existing file is not replaced', async () => {
    const file = path.join(scratch(), 'key.pem');
    await saveKey(file, SigningKey.generate());
    const before = readFileSync(file, 'utf8');
    await rejects(saveKey(file, SigningKey.generate()), refusal('FILE_EXISTS'));
    strictEqual(readFileSync(file, 'utf8'), before);
  });

  test('what a group or the world can read is refused, passphrases likewise', async () => {
    const directory = scratch();
    const file = path.join(directory, 'key.pem');
    const passphrase = write(path.join(directory, 'passphrase'), 'secret');
    await saveKey(file, SigningKey.generate(), passphrase);
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      await rejects(loadKey(file, passphrase), refusal('KEY_FILE_MODE'));
    }
    chmodSync(file, 0o600);
    chmodSync(passphrase, 0o644);
    await rejects(loadKey(file, passphrase), refusal('KEY_FILE_MODE'));
  });

  test('a plain key where a passphrase is given is refused', async () => {
    const directory = scratch();
    const file = path.join(directory, 'key.pem');
    await saveKey(file, SigningKey.generate());
    const passphrase = write(path.join(directory, 'passphrase'), 'secret');
    await rejects(loadKey(file, passphrase), refusal('KEY_FILE_INVALID'));
  });

  test('no file, no key, a directory, an empty passphrase', async () => {
    const directory = scratch();
    const text = write(path.join(directory, 'text'), 'not a key');
    const empty = write(path.join(directory, 'empty'), '\n');
    const key = SigningKey.generate();
    await rejects(loadKey(path.join(directory, 'none')), refusal('FILE_NOT_FOUND'));
    await rejects(loadKey(text), refusal('KEY_FILE_INVALID'));
    await rejects(loadKey(directory), refusal('KEY_FILE_INVALID'));
    await rejects(saveKey(path.join(directory, 'new'), key, empty), refusal('KEY_FILE_INVALID'));
  });
});
