/** `kakehashi backup` and `restore` on files, with and without a passphrase. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { saveKey } from '../../src/engine/keys.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

test('keys go along under a passphrase, and come back for it only', async () => {
  const root = scratch();
  const at = (...parts: readonly string[]): string => path.join(root, ...parts);
  const [data, secret] = [at('lu'), at('secret')];
  const pem = path.join('keys', 'identity.pem');
  await saveKey(path.join(data, pem), SigningKey.generate());
  const stewards = [SigningKey.generate().publicText];
  const config = { name: 'lu', sandbox: 'http://127.0.0.1:1', holders: {}, stewards };
  writeFileSync(path.join(data, 'config.json'), JSON.stringify(config));
  writeFileSync(path.join(data, 'store.db'), '');
  strictEqual((await cli(['ledger', '--data', data])).code, 0);
  writeFileSync(secret, 'correct horse battery staple\n', { mode: 0o600 });
  writeFileSync(at('other'), 'another one\n', { mode: 0o600 });
  writeFileSync(at('open'), 'correct horse battery staple\n', { mode: 0o644 });

  const backup = (out: string, ...more: readonly string[]) =>
    cli(['backup', '--data', data, '--out', at(out), '--json', ...more]);
  const refused = await backup('refused', '--passphrase-file', at('open'));
  match(refused.out, /KEY_FILE_MODE/);
  ok(!existsSync(at('refused')));
  const made = await backup('with', '--passphrase-file', secret);
  strictEqual(made.code, 0, made.err);
  const { role, keys } = JSON.parse(made.out) as { role: string; keys: boolean };
  deepStrictEqual([role, keys], ['holder', true]);
  strictEqual((await backup('without')).code, 0);

  const restore = (from: string, to: string, ...more: readonly string[]) =>
    cli(['restore', at(from), '--data', at(to), '--json', ...more]);
  const wrong = await restore('with', 'wrong', '--passphrase-file', at('other'));
  match(wrong.out, /KEY_FILE_INVALID/);
  match((await restore('without', 'none', '--passphrase-file', secret)).out, /KEY_FILE_INVALID/);
  ok(!existsSync(at('wrong')) && !existsSync(at('none')), 'nothing half done');
  const back = await restore('with', 'back', '--passphrase-file', secret);
  strictEqual(back.code, 0, back.err);
  strictEqual((JSON.parse(back.out) as { recovering: boolean }).recovering, true);
  strictEqual(readFileSync(at('back', pem), 'utf8'), readFileSync(path.join(data, pem), 'utf8'));
  strictEqual((await restore('without', 'bare')).code, 0);
  ok(!existsSync(at('bare', pem)));
}, 60_000);
