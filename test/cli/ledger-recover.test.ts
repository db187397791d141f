/** `kakehashi ledger recover`: on a holder that does not run, and beside one that does. */
import { match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { saveKey } from '../../src/engine/keys.ts';
import { listenControl } from '../../src/holder/control.ts';
import { deskLab } from '../holder/desk-lab.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

test('the next start recovers, and the ledger says so; without a store there is nothing to recover', async () => {
  const data = scratch();
  await saveKey(path.join(data, 'keys', 'identity.pem'), SigningKey.generate());
  const stewards = [SigningKey.generate().publicText];
  const config = { name: 'lu', sandbox: 'http://127.0.0.1:1', holders: {}, stewards };
  writeFileSync(path.join(data, 'config.json'), JSON.stringify(config));
  strictEqual((await cli(['ledger', 'recover', '--data', data])).code, 6);
  writeFileSync(path.join(data, 'store.db'), '');
  const before = await cli(['ledger', '--data', data, '--json']);
  match(before.out, /"state":"well"/);
  const asked = await cli(['ledger', 'recover', '--data', data]);
  strictEqual(asked.code, 0, asked.err);
  match((await cli(['ledger', '--data', data])).out, /state +recovering from a backup/);
});

test('beside a running holder it is refused, and nothing is changed', async () => {
  const lab = await deskLab();
  const control = await listenControl(path.join(lab.directory, 'control.sock'), lab.desk);
  onTestFinished(() => control.close());
  const { code, out } = await cli(['ledger', 'recover', '--data', lab.directory, '--json']);
  strictEqual(code, 1);
  match(out, /urn:kakehashi:problem:DATA_DIRECTORY_BUSY/);
  const { out: ledger } = await cli(['ledger', '--data', lab.directory, '--json']);
  match(ledger, /"state":"well"/);
});
