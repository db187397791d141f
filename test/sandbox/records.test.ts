/** Records of a run in the sandbox: order, repeats, room, who may talk, and what the end of a run says. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { MAX_RECORD_BYTES, Records } from '../../src/sandbox/records.ts';

const RUN = 'ab'.repeat(32);
const there = { from: 'lu', to: 'jp' };
const never = new AbortController().signal;
const bytes = (value: number, length = 1): Uint8Array => new Uint8Array(length).fill(value);

function opened(): Records {
  const records = new Records(never);
  records.open(RUN, ['lu', 'jp']);
  return records;
}

const take = async (records: Records, after: number, ms = 0) =>
  (await records.take(RUN, there, after, ms, never)).records;

describe('one direction', () => {
  test('records come in order, again until they are acknowledged, and a repeat changes nothing', async () => {
    const records = opened();
    await records.put(RUN, there, 0, bytes(1));
    await records.put(RUN, there, 1, bytes(2));
    await records.put(RUN, there, 0, bytes(9));
    deepStrictEqual(await take(records, 0), [bytes(1), bytes(2)]);
    deepStrictEqual(await take(records, 0), [bytes(1), bytes(2)]);
    deepStrictEqual(await take(records, 1), [bytes(2)]);
    deepStrictEqual(await take(records, 2), []);
  });

  test('a number left out, or an acknowledgement of what is gone or not there, is refused', async () => {
    const records = opened();
    await rejects(records.put(RUN, there, 1, bytes(1)), { code: 'SEQUENCE_CONFLICT' });
    await records.put(RUN, there, 0, bytes(1));
    await rejects(take(records, 2), { code: 'SEQUENCE_CONFLICT' });
    await take(records, 1);
    await rejects(take(records, 0), { code: 'SEQUENCE_CONFLICT' });
  });

  test('who asks early waits for the first, and directions do not mix', async () => {
    const records = opened();
    const waiting = take(records, 0, 10_000);
    await records.put(RUN, { from: 'jp', to: 'lu' }, 0, bytes(7));
    await records.put(RUN, there, 0, bytes(1));
    deepStrictEqual(await waiting, [bytes(1)]);
  });

  test('who waits for room when the service closes is told so, and holds up nobody', async () => {
    const closing = new AbortController();
    const records = new Records(closing.signal);
    records.open(RUN, ['lu', 'jp']);
    const full = Math.floor((32 * 1024 * 1024) / MAX_RECORD_BYTES);
    for (let i = 0; i < full; i += 1) await records.put(RUN, there, i, bytes(i, MAX_RECORD_BYTES));
    const last = rejects(records.put(RUN, there, full, bytes(1)), { code: 'SHUTTING_DOWN' });
    closing.abort();
    const timer = new Promise((resolve) => setTimeout(resolve, 5));
    const began = performance.now();
    await timer;
    ok(performance.now() - began < 2000, 'the thread was let go');
    await last;
  });

  test('50 MB that nobody takes: 32 MiB are held, the rest waits and goes on when there is room', async () => {
    const records = opened();
    const full = Math.floor((32 * 1024 * 1024) / MAX_RECORD_BYTES);
    for (let i = 0; i < full; i += 1) await records.put(RUN, there, i, bytes(i, MAX_RECORD_BYTES));
    let taken = false;
    const last = records.put(RUN, there, full, bytes(1)).then(() => {
      taken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    equal(taken, false);
    const first = await take(records, 0);
    ok(first.length >= 1 && first.length <= 4, 'at most 16 MiB in one answer');
    await take(records, first.length);
    await last;
    await rejects(records.put(RUN, there, full + 1, bytes(1, MAX_RECORD_BYTES + 1)), {
      code: 'PAYLOAD_TOO_LARGE',
    });
  });
});

describe('a run', () => {
  test('that is not open, has ended, or has no such party: NOT_FOUND, also for who waits', async () => {
    const records = opened();
    await rejects(records.put('cd'.repeat(32), there, 0, bytes(1)), { code: 'NOT_FOUND' });
    await rejects(records.put(RUN, { from: 'kr', to: 'jp' }, 0, bytes(1)), { code: 'NOT_FOUND' });
    const waiting = take(records, 0, 10_000);
    records.close(RUN);
    await rejects(waiting, { code: 'NOT_FOUND' });
  });

  test('the sandbox’s own end sends and receives, until the run has ended', async () => {
    const records = opened();
    const ended = new AbortController();
    const own = records.channel(RUN, 'lu', ended.signal);
    await own.send(bytes(5));
    const taken = await records.take(RUN, { from: 'sandbox', to: 'lu' }, 0, 0, never);
    deepStrictEqual(taken.records, [bytes(5)]);
    await records.put(RUN, { from: 'lu', to: 'sandbox' }, 0, bytes(6));
    deepStrictEqual(await own.receive(), bytes(6));
    const waiting = own.receive();
    ended.abort(new Refusal('RUN_INCOMPLETE', 'over'));
    records.close(RUN);
    await rejects(waiting, (error: unknown) => error instanceof Refusal);
  });
});
