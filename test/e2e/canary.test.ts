/**
 * No secret and no row in any log, store, blob, answer, tag or metric. What is searched here is searched
 * after every test with real institutions (support/institutions.ts); here are what they do not ask for by
 * themselves, and the controls.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { loadKey } from '../../src/engine/keys.ts';
import { createRequestToken } from '../../src/engine/transport/request-token.ts';
import { CANARY, CANARY_VALUE, leaksBelow } from '../support/canary.ts';
import { Institutions, QUERY } from '../support/institutions.ts';

const csv = (name: string): string =>
  `patient_id,sex,age\n${CANARY}-${name},F,34\n${CANARY}-2,${CANARY_VALUE},61\n3,F,${CANARY_VALUE}\n`;

/** Of a holder, over the socket of its staff. */
async function holderMetrics(data: string): Promise<string> {
  const asked = request({ socketPath: path.join(data, 'control.sock'), path: '/metrics' }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return text(answer);
}

test('logs, stores, answers, tags and metrics hold no row and no key', async () => {
  const here = new Institutions();
  const { sandbox } = await here.open({ csv: { lu: csv('lu'), jp: csv('jp') } });
  const { code, err } = await here.ask();
  strictEqual(code, 0, err);
  const refused = await here.ask({ ...QUERY, where: { column: 'weight', ge: 1 } });
  ok(refused.code !== 0);
  await here.ledger('lu');

  // Asked for here: an answer with its headers, a problem, and the metrics of the process.
  const key = await loadKey(here.at('keys', 'ana.pem'));
  const metrics = await fetch(String(sandbox.ready['metrics']));
  const answers = [await metrics.text(), await holderMetrics(here.data('lu'))];
  ok(answers.every((text) => text.includes('kakehashi_')));
  for (const at of [`/v1/studies/${here.study}`, '/v1/studies', `/v1/runs/${'0'.repeat(64)}`]) {
    const signed = { method: 'GET', path: at, body: new Uint8Array(0) };
    const token = await createRequestToken(key, signed, new Date(), systemRng);
    const answer = await fetch(here.url + at, { headers: { authorization: `Bearer ${token}` } });
    answers.push(JSON.stringify([...answer.headers]), await answer.text());
  }
  match(answers.join(''), /etag/);
  deepStrictEqual(leaksBelow(here.root, answers), []);

  // Controls: they are in the inputs; a row in a store and a key in a log are found.
  ok(here.names.every((name) => readFileSync(here.at(`${name}.csv`), 'utf8').includes(CANARY)));
  const [row, log] = [here.at('sandbox', 'tmp', 'row'), here.at('logs', 'leak.log')];
  writeFileSync(row, Buffer.from(`${CANARY}-lu`).toString('base64'));
  using seed = key.seed();
  writeFileSync(log, Buffer.from(seed.expose()).toString('hex'));
  deepStrictEqual(leaksBelow(here.root, [`x ${CANARY_VALUE}`]).sort(), [log, row, 'text 0'].sort());
  for (const file of [row, log]) writeFileSync(file, '');
}, 60_000);
