/**
 * A holder that is set back to an earlier backup, by its people and by accident: it starts in `recovering`,
 * hears what it has forgotten, and never gives a second share, never spends what was spent, never signs a
 * second log. Everything in real processes, with a tap on the line.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { json } from '../support/institutions.ts';
import { everyBackupInTurn, has, query, Restorable, until } from '../support/restorable.ts';
import { sentTwice } from '../support/wiretap.ts';

test(
  'every earlier backup of two runs, restored in turn',
  () => everyBackupInTurn(new Restorable()),
  600_000,
);

test('a run that is under way when its holder is set back ends as incomplete, and is charged', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  // The holder dies once its contribution is stored: it has touched data, and others know.
  await place.lu.kill('SIGTERM');
  place.lu = await here.holder('lu', 'queued/contribution', tap.url);
  const asked = here.ask(query(100), 90);
  strictEqual(await place.lu.gone, 'SIGKILL');
  await place.restore('before');
  const { code, out } = await asked;
  ok(code !== 0 && /RUN_INCOMPLETE|RUN_ABORTED/.test(out), out);
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  strictEqual((await place.ledger('lu')).spent.rho, '1/100');
  await place.released(100);
  strictEqual((await place.ledger('lu')).spent.rho, '1/50');
  deepStrictEqual(sentTwice(tap.tapped), []);
  tap.close();
}, 300_000);

test('without the others it waits, and goes on when they are there', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  await place.released(100);
  await place.jp.kill('SIGTERM');
  await place.restore('before');
  await sleep(4000);
  ok(!has(await place.ledger('lu'), 'restore'), 'nobody was heard');
  await here.holder('jp', undefined, tap.url);
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  strictEqual((await place.ledger('lu')).spent.rho, '1/100');
  tap.close();
}, 300_000);

test('both holders set back at once recover from what each of them sent; a stop stays a stop', async () => {
  const place = new Restorable();
  await place.open();
  const { here, tap } = place;
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  await json(['backup', '--data', here.data('jp'), '--out', here.at('backups', 'jp')]);
  await place.released(100);
  await place.jp.kill('SIGKILL');
  renameSync(here.data('jp'), here.at('jp-before'));
  await json(['restore', here.at('backups', 'jp'), '--data', here.data('jp')]);
  const pem = path.join('keys', 'identity.pem');
  cpSync(path.join(here.at('jp-before'), pem), path.join(here.data('jp'), pem));
  await Promise.all([place.restore('before'), here.holder('jp', undefined, tap.url)]);
  for (const name of here.names) {
    await until('recovered', async () => has(await place.ledger(name), 'restore'));
    strictEqual((await place.ledger(name)).spent.rho, '1/100');
  }
  await json(['study', 'stop', here.study, '--data', here.data('lu')]);
  await until('told', async () => {
    const { code, out } = await here.ask(query(200), 20);
    return code === 7 || out.includes('STUDY_STOPPED');
  });
  await place.restore('before');
  await until('recovered', async () => has(await place.ledger('lu'), 'restore'));
  const { code } = await here.ask(query(300), 20);
  strictEqual(code, 7, 'stopped');
  tap.close();
}, 300_000);
