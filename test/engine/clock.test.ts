/** The time of day may jump a day either way: a wait that has begun ends when it would have. */
import { ok } from 'node:assert/strict';
import { afterEach, test, vi } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { untilDeadline } from '../../src/flows/deadline.ts';

const DAY_MS = 86_400_000;
afterEach(() => vi.restoreAllMocks());

/** Real time that `wait` takes when the clock jumps by `by` milliseconds once it has begun. */
async function took(by: number, wait: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  const waiting = wait();
  const real = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => real() + by);
  await waiting;
  return performance.now() - begun;
}

for (const [name, by] of [
  ['back', -DAY_MS],
  ['forward', DAY_MS],
] as const) {
  test(`the clock jumps a day ${name} in the middle of a wait`, async () => {
    const ms = await took(by, () => systemClock.until(new Date(Date.now() + 150)));
    ok(ms >= 149 && ms < 5000, `${ms} ms`);
  });
}

test('a deadline that was set before the clock went back a day is no later than its whole time', async () => {
  const deadline = new Date(Date.now() + 150);
  const now = (): Date => new Date(Date.now() - DAY_MS);
  const asked: Date[] = [];
  const until = async (instant: Date): Promise<void> => void asked.push(instant);
  await untilDeadline({ now, until }, deadline, 150);
  ok((asked[0]?.getTime() ?? Infinity) <= now().getTime() + 150 + 50);
});
