/** A holder that is not there, that comes back, and a study that one of them stops. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { command, Institutions, QUERY } from '../support/institutions.ts';

test('a holder is offline: nothing is spent, and the run goes on when it is back', async () => {
  const here = new Institutions();
  const { jp } = await here.open();
  await jp.kill('SIGTERM');
  const missing = await here.ask(QUERY, 4);
  strictEqual(missing.code, 6, missing.err);
  match(missing.out, /urn:kakehashi:problem:HOLDER_UNREACHABLE/);
  const { spent, reserved } = await here.ledger('lu');
  strictEqual((spent as { rho: string }).rho, '0/1');
  strictEqual((reserved as { rho: string }).rho, '0/1');

  await here.holder('jp');
  const back = await here.ask();
  strictEqual(back.code, 0, back.err);

  const stopped = await command(['study', 'stop', here.study, '--data', here.data('jp')]);
  strictEqual(stopped.code, 0, stopped.err);
  const after = await here.ask({ ...QUERY, groupBy: ['sex'], rho: '1/50' });
  strictEqual(after.code, 7, after.out);
  for (const name of here.names) {
    const { spent: unchanged } = await here.ledger(name);
    strictEqual((unchanged as { rho: string }).rho, '1/100');
  }
  ok(after.out.includes('STUDY_STOPPED'));
}, 90_000);
