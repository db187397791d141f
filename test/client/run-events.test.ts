/** Events of a run over connections that break: none twice, none missing. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import { KakehashiClient, type RunEvent } from '../../src/client/client.ts';
import { fakeServer, type Seen, sendJson } from '../support/fake-server.ts';
import { refusal } from '../support/refusal.ts';

const RUN = 'a'.repeat(64);

const state = (id: number, name: string): string =>
  `id: ${id}\nevent: state\ndata: {"state":"${name}"}\n\n`;

async function events(
  answer: (response: ServerResponse, request: Seen) => void,
): Promise<{ events: RunEvent[]; seen: readonly Seen[] }> {
  const server = await fakeServer(answer);
  const client = new KakehashiClient({ sandbox: server.origin, key: SigningKey.generate() });
  const got: RunEvent[] = [];
  for await (const event of client.events(RUN)) got.push(event);
  await client.close();
  return { events: got, seen: server.seen };
}

test('the stream ends with a final state', async () => {
  const step = 'id: 2\nevent: step\ndata: {"holder":"lu","kind":"plan"}\n\n';
  const { events: got, seen } = await events((response) => {
    response.writeHead(200).end(state(1, 'reserving') + step + state(3, 'released'));
  });
  deepStrictEqual(got, [
    { event: 'state', state: 'reserving' },
    { event: 'step', holder: 'lu', kind: 'plan' },
    { event: 'state', state: 'released' },
  ]);
  const [headers] = seen.map((request) => request.headers);
  deepStrictEqual([headers?.accept, headers?.['last-event-id']], ['text/event-stream', undefined]);
});

test('a lost connection is taken up behind the last event', async () => {
  const { events: got, seen } = await events((response, { headers }) => {
    response.writeHead(200);
    const last = headers['last-event-id'];
    if (last === undefined) response.write(state(1, 'reserving'), () => response.destroy());
    else if (last === '1') response.end(`${state(2, 'computing')}id: 3\nevent: sta`);
    else response.end(state(3, 'refused'));
  });
  deepStrictEqual(
    got.map((event) => event.event === 'state' && event.state),
    ['reserving', 'computing', 'refused'],
  );
  deepStrictEqual(
    seen.map(({ headers }) => headers['last-event-id']),
    [undefined, '1', '2'],
  );
});

test('a refusal is thrown at once', async () => {
  const problem = { type: 'urn:kakehashi:problem:FORBIDDEN', instance: 'r' };
  await rejects(
    events((response) => sendJson(response, 403, problem)),
    refusal('FORBIDDEN'),
  );
});

test('data that is no state', async () => {
  await rejects(
    events((response) => response.writeHead(200).end(state(1, 'exploded'))),
    refusal('SANDBOX_RESPONSE'),
  );
});
