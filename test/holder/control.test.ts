/** The staff's socket: what a body may hold, and what reaches the desk. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { request } from 'node:http';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { listenControl } from '../../src/holder/control.ts';
import type { HolderDesk } from '../../src/holder/desk.ts';
import { scratch } from '../support/scratch.ts';

type Answer = { readonly status: number | undefined; readonly body: { readonly type?: string } };

const post = (socketPath: string, body: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ socketPath, method: 'POST', path: '/v1/cohorts', headers }, (reply) => {
      let text = '';
      reply.on('data', (chunk) => (text += String(chunk)));
      reply.on('end', () =>
        resolve({ status: reply.statusCode, body: JSON.parse(text) as Answer['body'] }),
      );
    });
    asked.on('error', reject).end(JSON.stringify(body));
  });

test('a load takes an encoding that exists, and none', async () => {
  const seen: unknown[][] = [];
  const desk = {
    loadCohort: (...given: unknown[]) => {
      seen.push(given);
      return Promise.resolve({ rows: 1 });
    },
  } as unknown as HolderDesk;
  const socket = path.join(scratch(), 'control.sock');
  const app = await listenControl(socket, desk);
  onTestFinished(() => app.close());
  const [study, files] = ['a'.repeat(64), ['/a.csv']];
  equal((await post(socket, { study, files })).status, 200);
  equal((await post(socket, { study, files, encoding: 'shift_jis' })).status, 200);
  deepStrictEqual(seen, [
    [study, files, {}],
    [study, files, { encoding: 'shift_jis' }],
  ]);
  for (const encoding of ['Shift_JIS', 'latin-9', '', null, 1]) {
    const { status, body } = await post(socket, { study, files, encoding });
    deepStrictEqual([status, body.type], [409, 'urn:kakehashi:problem:INVALID_PARAMETER']);
  }
  equal(seen.length, 2);
});
