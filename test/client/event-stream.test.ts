/** Server-sent events, WHATWG HTML section 9.2.6: however the bytes are cut, the same events. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type ServerEvent, serverEvents } from '../../src/client/event-stream.ts';
import { refusal } from '../support/refusal.ts';

async function* chunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const read = (text: string, sizes: readonly number[] = []): Promise<ServerEvent[]> =>
  collect(serverEvents(chunks(utf8(text), sizes)));

const STREAM =
  ': hello\n\nid: 1\nevent: state\ndata: {"state":\ndata: "é"}\n\n: still here\n\ndata:x\r\n\r\n';
const EVENTS: ServerEvent[] = [
  { id: '1', event: 'state', data: '{"state":\n"é"}' },
  // The id stays in force, the name of the event does not.
  { id: '1', event: 'message', data: 'x' },
];

test('comments, joined data, defaults, CRLF', async () => {
  deepStrictEqual(await read(STREAM), EVENTS);
});

test('an event that was cut off is not one, and one without data neither', async () => {
  deepStrictEqual(await read('data: cut'), []);
  deepStrictEqual(await read('data: cut\n'), []);
  deepStrictEqual(await read('id: 2\nevent: state\n\n'), []);
});

test('any cut of the bytes gives the same events, also within a character', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, async (cut) => {
      deepStrictEqual(await read(STREAM, cut), EVENTS);
    }),
  );
});

test('a line that never ends', async () => {
  await rejects(read(`data: ${'x'.repeat(2 ** 20)}`), refusal('SANDBOX_RESPONSE'));
});
