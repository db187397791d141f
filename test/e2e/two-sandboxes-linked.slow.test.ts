/**
 * Linked queries where two processes of a sandbox serve one address: the records of a run are in the memory of the one
 * that drives it, and go through the other. Either is killed in the middle.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, test } from 'vitest';
import { lockKey } from '../../src/engine/postgres/lock-key.ts';
import {
  askedOf,
  bookedAt,
  LINKED_QUERY,
  linkedDraft,
  SHARED,
} from '../support/linked-institutions.ts';
import type { Service } from '../support/institutions.ts';
import { hasPostgres, POSTGRES_URL } from '../support/postgres.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';

const DONE = ['reserve', 'touch', 'vector', 'settle'];
const { files, draft } = linkedDraft(['lu', 'jp']);
const LINKED = { csv: files, draft };

type Cells = { cells: { value: number }[] };

const urlOf = ({ ready }: Service): string => String(ready['url']);

async function released(answer: Record<string, unknown>): Promise<void> {
  strictEqual(answer['code'], 0, JSON.stringify(answer));
  const { cells } = answer['release'] as Cells;
  const people = cells.reduce((sum, { value }) => sum + value, 0);
  ok(Math.abs(people - SHARED) < 30, `${people} of ${SHARED}`);
}

/** Rows of who has records: none may stay behind a run that is over. */
async function places(here: SharedSandbox): Promise<number> {
  const client = new pg.Client(POSTGRES_URL);
  await client.connect();
  const { rows } = await client.query(`SELECT run FROM ${here.sandboxSchema}.record_place`);
  await client.end();
  return rows.length;
}

/** Ends the connection that holds the claim on the run that is under way; false where there is none. */
async function endSession(here: SharedSandbox): Promise<boolean> {
  const client = new pg.Client(POSTGRES_URL);
  await client.connect();
  const [place] = (
    await client.query<{ run: string }>(`SELECT run FROM ${here.sandboxSchema}.record_place`)
  ).rows;
  const key = lockKey(here.sandboxSchema, `claim run/${place?.run ?? ''}`);
  const { rows } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND ((classid::bigint << 32) | objid::bigint) = $1`,
    [key],
  );
  await client.end();
  return rows.length === 1;
}

async function touched(here: SharedSandbox): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await bookedAt(here, 'lu')).includes('touch')) {
    ok(Date.now() < end, 'never touched');
    await sleep(50);
  }
}

describe.skipIf(!hasPostgres)('two processes of a sandbox, linked', () => {
  test('each holder speaks to another process, the analyst to either, and runs complete', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared(LINKED, undefined, (name, [first, second]) =>
      urlOf(name === 'lu' ? first : second),
    );
    for (const one of processes) {
      here.url = urlOf(one);
      await released(
        await askedOf(here, { ...LINKED_QUERY, rho: one === processes[0] ? '1/1' : '2/1' }),
      );
    }
    for (const name of here.names) deepStrictEqual(await bookedAt(here, name), [...DONE, ...DONE]);
    strictEqual(await places(here), 0);
  }, 200_000);

  test('the process that only passes records on is killed: the run goes on, with one charge', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared(LINKED);
    here.url = urlOf(processes[0]);
    const asked = askedOf(here, LINKED_QUERY);
    await touched(here);
    await processes[1].kill('SIGKILL');
    await released(await asked);
    for (const name of here.names) deepStrictEqual(await bookedAt(here, name), DONE);
    strictEqual(await places(here), 0);
  }, 200_000);

  test('the process that has the records is killed: the run ends, its charge stays, another one is asked', async () => {
    const here = new SharedSandbox();
    const { processes, balancer } = await here.shared(LINKED);
    here.url = urlOf(processes[0]);
    const asked = askedOf(here, LINKED_QUERY).catch(() => ({ code: 1 }));
    await touched(here);
    await processes[0].kill('SIGKILL');
    const first = await asked;
    ok(first['code'] !== 0);
    here.url = balancer.url;
    // The client lost its connection; the run ended by itself, or came to its vector before.
    await released(await askedOf(here, LINKED_QUERY));
    for (const name of here.names) {
      const kinds = await bookedAt(here, name);
      strictEqual(kinds.filter((kind) => kind === 'settle').length, 1, kinds.join());
      deepStrictEqual(kinds.slice(-4), DONE);
      ok(kinds.length <= 2 * DONE.length, kinds.join());
    }
    strictEqual(await places(here), 0);
  }, 200_000);

  test('the one that drives a run loses its session with the database: it goes on, and keeps the records', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared(LINKED);
    here.url = urlOf(processes[0]);
    const asked = askedOf(here, LINKED_QUERY);
    await touched(here);
    ok(await endSession(here), 'control: somebody had claimed the run');
    await released(await asked);
    for (const name of here.names) deepStrictEqual(await bookedAt(here, name), DONE);
  }, 200_000);

  test('killed before anybody begins, the run is taken over and completes, with one charge', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared(LINKED, 'run/created');
    const asked = askedOf(here, LINKED_QUERY).catch(() => ({ code: 1 }));
    strictEqual(await Promise.race(processes.map(({ gone }) => gone)), 'SIGKILL');
    const first = await asked;
    await released(first['code'] === 0 ? first : await askedOf(here, LINKED_QUERY));
    for (const name of here.names) deepStrictEqual(await bookedAt(here, name), DONE);
  }, 200_000);
});
