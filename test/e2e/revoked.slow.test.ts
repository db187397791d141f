/** A holder takes the key of an analyst out of every study: nothing is reserved for it there, nothing spent anywhere. */
import { ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { Institutions, json, QUERY } from '../support/institutions.ts';

test('the next query of a revoked analyst is refused before anything is reserved', async () => {
  const here = new Institutions();
  const { lu } = await here.open();
  const first = await here.ask();
  strictEqual(first.code, 0, first.err);
  await lu.kill('SIGTERM');
  const { key } = await json(['keygen', here.at('keys', 'ana.pem'), '--public']);
  const file = path.join(here.data('lu'), 'config.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...settings, revoked: [key] }));
  await here.holder('lu');
  const { code, out } = await here.ask({ ...QUERY, rho: '1/50' });
  strictEqual(code, 5, out);
  ok(out.includes('SIGNATURE_REJECTED'), out);
  for (const name of here.names) {
    const { spent, reserved } = await here.ledger(name);
    strictEqual(JSON.stringify(spent), '{"rho":"1/100","delta":"0/1"}');
    strictEqual(JSON.stringify(reserved), '{"rho":"0/1","delta":"0/1"}');
  }
}, 240_000);
