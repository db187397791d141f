/** Fifty runs that wait: one of each study in turn, never more at once than said, and nobody holds up the rest. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { Turns } from '../../src/sandbox/turns.ts';

const live = new AbortController().signal;
setMaxListeners(0, live);

test('fifty runs of three studies: one of each in turn, two at once', async () => {
  const turns = new Turns({ most: 2, longestMs: 60_000 });
  const order: string[] = [];
  let [now, most] = [0, 0];
  const run = async (study: string): Promise<void> => {
    const end = await turns.take(study, live);
    order.push(study);
    now += 1;
    most = Math.max(most, now);
    await sleep(1);
    now -= 1;
    end();
  };
  const asked = [...Array<string>(44).fill('a'), ...Array<string>(4).fill('b'), 'c', 'c'];
  await Promise.all(asked.map(run));
  strictEqual(order.length, 50);
  strictEqual(most, 2);
  // The first two of `a` found nobody else; from there on everybody is served before anybody again.
  deepStrictEqual(order.slice(0, 10), ['a', 'a', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b']);
  ok(order.indexOf('c') < 6 && order.lastIndexOf('b') < 16);
  strictEqual(turns.waiting, 0);
});

test('a turn that lasts too long is over for the others; to end it twice changes nothing', async () => {
  const turns = new Turns({ most: 1, longestMs: 20 });
  const end = await turns.take('a', live);
  const next = await turns.take('b', live);
  end();
  let third = false;
  const waiting = turns.take('c', live).then((done) => {
    third = true;
    return done;
  });
  await Promise.resolve();
  ok(!third, 'the turn of b stands');
  next();
  (await waiting)();
});

test('who is gone waits no more, and is skipped', async () => {
  const turns = new Turns({ most: 1, longestMs: 60_000 });
  const end = await turns.take('a', live);
  const control = new AbortController();
  const gone = turns.take('b', control.signal);
  const after = turns.take('c', live);
  control.abort();
  (await gone)();
  strictEqual(turns.waiting, 1);
  end();
  (await after)();
});
