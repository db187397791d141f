/**
 * Lines and peers that misbehave, over real sockets: who stalls in the middle of a frame, who sends fifty
 * megabytes of garbage, who cuts the line. Everybody else is served, memory stays bounded, nothing is stored.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import type { Study } from '../../src/flows/study-terms.ts';
import { SandboxLab } from './sandbox-lab.ts';

const MEGABYTE = 2 ** 20;
const lab = new SandboxLab();
afterAll(() => lab.close());
let study: Study;
let url: URL;
beforeAll(async () => {
  study = await lab.study();
  url = new URL(await lab.app.listen({ host: '127.0.0.1', port: 0 }));
});

const open = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect(Number(url.port), '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
  });

/** The head of a frame of `lu` with these headers, signed for an empty body: the body decides nothing yet. */
async function head(...headers: string[]): Promise<string> {
  const path = `/v1/runs/${study.id}/frames`;
  const token = await lab.token(lab.identity('lu'), 'POST', path, new Uint8Array(0));
  const lines = [`POST ${path} HTTP/1.1`, 'Host: a', `Authorization: Bearer ${token}`];
  return [...lines, 'Content-Type: application/cbor', ...headers, '', ''].join('\r\n');
}

/** What comes back, up to the end of the line or of the status line. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n')) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
}

const served = async (): Promise<void> => {
  const answer = await lab.inbox('jp');
  strictEqual(answer.statusCode, 200);
};

test('peers that stall in the middle of a frame hold up nobody, and leave nothing', async () => {
  const sockets = await Promise.all(Array.from({ length: 16 }, open));
  for (const socket of sockets)
    socket.write((await head('Content-Length: 1000000')) + 'x'.repeat(1000));
  await sleep(100);
  for (let i = 0; i < 5; i += 1) await served();
  // What they were granted comes back when the line ends: as many again are taken on.
  for (const socket of sockets) socket.destroy();
  await sleep(100);
  const again = await open();
  again.write(`${await head('Content-Length: 16000000')}x`);
  await sleep(50);
  again.destroy();
  await served();
});

test('fifty megabytes of garbage are refused: by their length at once, without it at the limit', async () => {
  const before = process.memoryUsage().rss;
  const announced = await open();
  const answer = answerOf(announced);
  announced.write(await head(`Content-Length: ${50 * MEGABYTE}`));
  match(await answer, /^HTTP\/1\.1 413 /);
  announced.destroy();

  const chunked = await open();
  const late = answerOf(chunked);
  chunked.write(await head('Transfer-Encoding: chunked'));
  const chunk = Buffer.alloc(MEGABYTE, 'g');
  for (let i = 0; i < 50 && chunked.writable; i += 1) {
    chunked.write(`${MEGABYTE.toString(16)}\r\n`);
    chunked.write(chunk);
    if (!chunked.write('\r\n')) await sleep(2);
  }
  match(await late, /^HTTP\/1\.1 413 |^$/);
  chunked.destroy();
  await served();
  const grown = (process.memoryUsage().rss - before) / MEGABYTE;
  // Both ends are this process: the garbage itself is in it too.
  ok(grown < 250, `${Math.round(grown)} MiB`);
});

test('a line that is cut within a frame, a head or a poll changes nothing', async () => {
  const inbox = async (): Promise<unknown[]> => {
    const { headers, rawPayload } = await lab.inbox('lu');
    return [headers['kakehashi-cursor'], rawPayload.length];
  };
  const before = await inbox();
  for (const text of [
    `${await head('Content-Length: 500')}half`,
    (await head('Content-Length: 500')).slice(0, 90),
    'GET /v1/inbox?after=0&wait=25 HTTP/1.1\r\nHost: a\r\n',
  ]) {
    const socket = await open();
    socket.write(text);
    await sleep(20);
    socket.destroy();
  }
  await sleep(50);
  deepStrictEqual(await inbox(), before);
  await served();
});
