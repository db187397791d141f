/** Refused for now is asked again, with a fresh signature; refused for good is not. */
import { rejects, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { KakehashiClient } from '../../src/client/client.ts';
import { fakeServer, sendJson } from '../support/fake-server.ts';
import { refusal } from '../support/refusal.ts';
import { SigningKey } from '../../src/base/sign.ts';

const problem = (code: string) => ({ type: `urn:kakehashi:problem:${code}` });

test('an overloaded sandbox is asked again when it says', async () => {
  let asked = 0;
  const server = await fakeServer((response) => {
    asked += 1;
    if (asked < 3) {
      response.setHeader('retry-after', '0');
      sendJson(response, 503, problem('OVERLOADED'));
    } else sendJson(response, 200, { studies: [], next: null });
  });
  const client = new KakehashiClient({ sandbox: server.origin, key: SigningKey.generate() });
  await client.studies();
  strictEqual(asked, 3);
  strictEqual(new Set(server.seen.map(({ headers }) => headers.authorization)).size, 3);
});

test('three times at most; at once where it says nothing, too late, or for good', async () => {
  const cases: readonly [number, string | undefined, string, number][] = [
    [503, '0', 'OVERLOADED', 3],
    [503, undefined, 'HOLDER_UNREACHABLE', 1],
    [503, '3600', 'SHUTTING_DOWN', 1],
    [403, '0', 'FORBIDDEN', 1],
  ];
  for (const [status, after, code, times] of cases) {
    const server = await fakeServer((response) => {
      if (after !== undefined) response.setHeader('retry-after', after);
      sendJson(response, status, problem(code));
    });
    const client = new KakehashiClient({ sandbox: server.origin, key: SigningKey.generate() });
    await rejects(client.studies(), refusal(code as 'OVERLOADED'));
    strictEqual(server.seen.length, times, code);
  }
});
