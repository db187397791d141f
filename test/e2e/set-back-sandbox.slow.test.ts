/**
 * A sandbox that is set back to its own earlier backup while its holders went on: they say so, nothing is shared or noised
 * twice, no shorter log is signed, and after a recovery the same people are asked in a new study.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { json, type Service } from '../support/institutions.ts';
import { query, Restorable, until } from '../support/restorable.ts';
import { sentTwice } from '../support/wiretap.ts';

test('a sandbox set back by its own backup', async () => {
  const place = new Restorable();
  const { here, tap } = place;
  await here.prepare();
  let sandbox: Service = await here.sandbox();
  await tap.listen();
  const start = async (): Promise<void> => {
    [place.lu, place.jp] = await Promise.all([
      place.start(),
      here.holder('jp', undefined, tap.url),
    ]);
  };
  await start();
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  const first = await place.released(100);
  const backup = here.at('backup');
  await json(['backup', '--data', here.data('sandbox'), '--out', backup]);
  await place.released(200);

  await sandbox.kill('SIGKILL');
  renameSync(here.data('sandbox'), here.at('sandbox-before'));
  await json(['restore', backup, '--data', here.data('sandbox')]);
  sandbox = await here.sandbox();
  // Each holder says it in fixed words, and its staff sees it.
  for (const name of here.names) {
    await until('noticed', () =>
      Promise.resolve(/SET_BACK/.test(readFileSync(here.log(name), 'utf8'))),
    );
    match(readFileSync(here.log(name), 'utf8'), /one of the two was set back/);
    strictEqual((await place.ledger(name)).spent.rho, '3/200');
  }
  // What was released before the backup stands; what came after, and what is new, does not come about.
  deepStrictEqual(await place.released(100), first);
  for (const n of [200, 400]) {
    const { code } = await here.ask(query(n), 8);
    ok(code !== 0, `1/${n} was answered`);
  }

  // The way out: the studies end, the holders recover, the same people are asked in a new study.
  for (const name of here.names)
    await json(['study', 'stop', here.study, '--data', here.data(name)]);
  await Promise.all([place.lu.kill('SIGTERM'), place.jp.kill('SIGTERM')]);
  for (const name of here.names) await json(['ledger', 'recover', '--data', here.data(name)]);
  await start();
  for (const name of here.names) {
    await until('recovered', async () => {
      const { state } = (await here.ledger(name)) as { state: string };
      return state === 'well';
    });
  }
  const stopped = await here.ask(query(800), 20);
  strictEqual(stopped.code, 7, stopped.out);
  const draft = JSON.parse(readFileSync(here.at('draft.json'), 'utf8')) as { title: string };
  let file = here.at('next.json');
  writeFileSync(file, JSON.stringify({ ...draft, title: 'The same people again' }));
  for (const name of here.names) {
    const signed = here.at(`next-by-${name}.json`);
    await json(['study', 'sign', file, '--key', here.at('keys', `${name}.pem`), '--out', signed]);
    file = signed;
  }
  here.studyFile = file;
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  await place.released(500);
  for (const name of here.names) strictEqual((await place.ledger(name)).spent.rho, '1/500');
  deepStrictEqual(sentTwice(tap.tapped), [], 'nothing was sent twice with other bytes');
  await sandbox.kill('SIGTERM');
  tap.close();
}, 400_000);
