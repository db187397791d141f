/** Who goes together into one transaction, what each is answered, and what happens where one fails. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'vitest';
import { Groups } from '../../../src/engine/stores/groups.ts';

/** Served one group after another, as by a store; `begin` is awaited before a group is closed. */
function served(begin: (group: number) => Promise<void> = async () => undefined) {
  const closed: (readonly number[])[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let begun = 0;
  const groups = new Groups<number, string>((close) => {
    const serve = async (): Promise<PromiseSettledResult<string>[]> => {
      begun += 1;
      await begin(begun);
      const asks = close();
      closed.push(asks);
      return asks.map((ask) =>
        ask < 0
          ? { status: 'rejected', reason: new Error(`no ${ask}`) }
          : { status: 'fulfilled', value: `yes ${ask}` },
      );
    };
    const turn = last.then(serve);
    last = turn.catch(() => undefined);
    return turn;
  });
  return { groups, closed };
}

test('those asked for at once go together, each with an answer of its own', async () => {
  const { groups, closed } = served();
  const [a, b, c] = await Promise.allSettled([1, -2, 3].map((ask) => groups.ask(ask)));
  deepStrictEqual(closed, [[1, -2, 3]]);
  deepStrictEqual(
    [a, c],
    [1, 3].map((ask) => ({ status: 'fulfilled', value: `yes ${ask}` })),
  );
  ok(b?.status === 'rejected' && String(b.reason) === 'Error: no -2');
});

test('whoever comes while a group is under way goes into the next, until that has begun', async () => {
  const asked: Promise<string>[] = [];
  const { groups, closed } = served(async (group) => {
    if (group > 2) return;
    // As while another process has the lock.
    asked.push(groups.ask(10 * group));
    await new Promise((wake) => setTimeout(wake, 5));
    asked.push(groups.ask(10 * group + 1));
  });
  await groups.ask(1);
  asked.push(groups.ask(2));
  await Promise.all(asked);
  while (asked.length < 5) await new Promise((wake) => setTimeout(wake, 1));
  await Promise.all(asked);
  deepStrictEqual(closed, [
    [1, 10, 11],
    [2, 20, 21],
  ]);
});

test('a group that fails is refused as a whole, and the next is served', async () => {
  const { groups, closed } = served(async (group) => {
    if (group === 1) throw new Error('no disk');
  });
  const failed = await Promise.allSettled([1, 2].map((ask) => groups.ask(ask)));
  deepStrictEqual(
    failed.map((one) => one.status === 'rejected' && String(one.reason)),
    ['Error: no disk', 'Error: no disk'],
  );
  equal(await groups.ask(3), 'yes 3');
  deepStrictEqual(closed, [[3]]);
});

test('a transaction that is tried again has the same members', async () => {
  const tried: (readonly number[])[] = [];
  const groups: Groups<number, string> = new Groups(async (close) => {
    tried.push(close());
    if (tried.length === 1) later = groups.ask(2);
    tried.push(close());
    return close().map(() => ({ status: 'fulfilled', value: '' }));
  });
  let later: Promise<string> | undefined;
  await groups.ask(1);
  await later;
  deepStrictEqual(tried, [[1], [1], [2], [2]]);
});

test('a group does not grow without end', async () => {
  const { groups, closed } = served();
  await Promise.all(Array.from({ length: 300 }, (_, i) => groups.ask(i)));
  deepStrictEqual(
    closed.flat(),
    Array.from({ length: 300 }, (_, i) => i),
  );
  ok(closed.every((group) => group.length <= 64));
  await rejects(groups.ask(-1), /no -1/);
});
