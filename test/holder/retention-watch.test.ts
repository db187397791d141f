/** A holder that runs over the last day of a cohort deletes it by its clock, and not under a query's feet. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import type { Log } from '../../src/flows/ports.ts';
import { watchRetention } from '../../src/holder/retention-watch.ts';
import { deskLab } from './desk-lab.ts';

const ROWS = 'patient_id,sex,age\nA,F,40\nB,F,50\n';

test('rows go in the first instant behind the last day, when no query reads them', async () => {
  const lab = await deskLab();
  const file = path.join(lab.directory, 'cohorts', `${lab.study.id}.duckdb`);
  await lab.load(ROWS, { keepUntil: '2026-06-30' });
  lab.now = new Date('2026-06-30T21:30:00Z');
  const reading = await lab.reserve('1/100');
  await lab.ledger.touch(reading);

  const seen: [at: string, pause: number, there: boolean][] = [];
  const said: string[] = [];
  const log = { info: (_: object, text: string) => said.push(text) } as unknown as Log;
  const closing = new AbortController();
  await watchRetention(
    {
      expire: () => lab.desk.expire(),
      clock: { now: () => lab.now },
      log,
      wait: async (milliseconds) => {
        seen.push([lab.now.toISOString().slice(11, 19), milliseconds / 60_000, existsSync(file)]);
        lab.now = new Date(lab.now.getTime() + milliseconds);
        // The query has kept what it read.
        if (seen.length === 5) await lab.ledger.keepVector(reading, 'a'.repeat(64));
        if (seen.length === 6) closing.abort();
      },
    },
    closing.signal,
  );
  deepStrictEqual(seen, [
    ['21:30:00', 60, true],
    ['22:30:00', 60, true],
    // To midnight, and no longer.
    ['23:30:00', 30, true],
    ['00:00:00', 0.5, true],
    ['00:00:30', 0.5, true],
    ['00:01:00', 60, false],
  ]);
  deepStrictEqual(said, ['cohort deleted: its last day is over']);
  equal((await lab.people.deletions()).length, 1);
});

test('a start in the middle of a query, behind the last day, is one', async () => {
  const lab = await deskLab();
  await lab.load(ROWS, { keepUntil: '2026-06-30' });
  const reading = await lab.reserve('1/100');
  await lab.ledger.touch(reading);
  lab.now = new Date('2026-07-01T00:00:00Z');
  await lab.desk.settle();
  equal((await lab.count()).people, 2);
});

test('a deletion that was cut off while the holder runs ends at the next look', async () => {
  const lab = await deskLab();
  await lab.load(ROWS);
  await lab.ledger.unload(lab.study.id);
  const said: string[] = [];
  const closing = new AbortController();
  await watchRetention(
    {
      expire: () => lab.desk.expire(),
      clock: { now: () => lab.now },
      log: { info: (_: object, text: string) => said.push(text) } as unknown as Log,
      wait: () => {
        closing.abort();
        return Promise.resolve();
      },
    },
    closing.signal,
  );
  deepStrictEqual(said, ['cohort deleted: its deletion had been cut off']);
  equal(await lab.shelf.has(lab.study.id), false);
});

test('what fails is said, and tried again', async () => {
  const codes: unknown[] = [];
  let tries = 0;
  const closing = new AbortController();
  await watchRetention(
    {
      expire: () => {
        tries += 1;
        return Promise.reject(new Error('a full disk'));
      },
      clock: { now: () => new Date('2026-07-01T10:00:00Z') },
      log: { error: ({ code }: { code: string }) => codes.push(code) } as unknown as Log,
      wait: (milliseconds) => {
        ok(milliseconds <= 60_000);
        if (tries === 2) closing.abort();
        return Promise.resolve();
      },
    },
    closing.signal,
  );
  deepStrictEqual(codes, ['INTERNAL', 'INTERNAL']);
});
