/**
 * The share of an ended epoch of the collective key: deleted by the holder once a recovery began a later one, also where
 * the process dies behind the deletion, and where a backup of the file comes back; queries go on in the new epoch.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { Institutions, json, QUERY } from '../support/institutions.ts';

test('a recovery ends the epoch, and its key goes', async () => {
  const here = new Institutions();
  const { lu } = await here.open();
  const keys = path.join(here.data('lu'), 'keys');
  const shares = (epoch: number): string[] =>
    readdirSync(keys).filter((file) => file.startsWith(`${here.study}.${epoch}.`));
  const first = await here.ask();
  strictEqual(first.code, 0, first.err);
  const [old = ''] = shares(1);
  ok(old.endsWith('.he'), 'control: the share of the first epoch was there');
  copyFileSync(path.join(keys, old), here.at('old-share'));
  await lu.kill('SIGTERM');
  await json(['ledger', 'recover', '--data', here.data('lu')]);
  const doomed = await here.holder('lu', 'keys/ended');
  strictEqual(await doomed.gone, 'SIGKILL');
  deepStrictEqual(shares(1), []);
  // As a restored backup would bring it back.
  copyFileSync(here.at('old-share'), path.join(keys, old));
  await here.holder('lu');
  for (let i = 0; shares(1).length > 0 && i < 200; i += 1) await sleep(100);
  deepStrictEqual(shares(1), []);
  for (let i = 0; i < 5; i += 1) {
    // The first may be told of the new epoch and ask again.
    const { code, out } = await here.ask({ ...QUERY, rho: `1/${200 + i}` });
    if (code === 0) break;
    ok(i < 4, out);
  }
  strictEqual(shares(2).length, 1);
}, 300_000);
