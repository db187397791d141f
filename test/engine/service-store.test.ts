/** Where a service is told that its database is, who may be there with it, and who is woken. */
import { equal, ok, rejects } from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, onTestFinished, test } from 'vitest';
import { asRefusal } from '../../src/base/errors.ts';
import { lockKey } from '../../src/engine/postgres/lock-key.ts';
import {
  openServiceStore,
  readAddress,
  type ServiceStore,
  type ServiceStoreOptions,
} from '../../src/engine/service-store.ts';
import { Wakeups } from '../../src/sandbox/wakeups.ts';
import { freshSchema, hasPostgres, POSTGRES_URL } from '../support/postgres.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

function addressFile(text: string, mode = 0o600): string {
  const urlFile = path.join(scratch(), 'address');
  writeFileSync(urlFile, `${text}\n`);
  chmodSync(urlFile, mode);
  return urlFile;
}

const coded = (code: string) => (error: unknown) => {
  const { fields } = error as { fields: { errors: { code: string }[] } };
  equal(fields.errors[0]?.code, code);
  return refusal('CONFIGURATION_INVALID')(error);
};

describe('the address of a database', () => {
  for (const [text, code] of [
    ['not an address', 'WRONG_FORMAT'],
    ['mysql://a@127.0.0.1/b', 'WRONG_FORMAT'],
    ['postgres://a:b@db.example/c', 'TLS_REQUIRED'],
    ['postgres://a:b@db.example/c?sslmode=require', 'TLS_REQUIRED'],
    ['postgres://a:b@10.0.0.1/c?sslmode=no-verify', 'TLS_REQUIRED'],
    ['postgres://a:b@127.0.0.1/c?host=db.example', 'PARAMETER_NOT_ALLOWED'],
    ['postgres://a:b@127.0.0.1/c?hostaddr=10.0.0.1', 'PARAMETER_NOT_ALLOWED'],
    ['postgres://a:b@127.0.0.1/c?port=5433', 'PARAMETER_NOT_ALLOWED'],
    ['postgres://a:b@127.0.0.1/c?options=-c%20fsync%3Doff', 'PARAMETER_NOT_ALLOWED'],
    ['postgres://a:b@db.example/c?sslmode=verify-full&ssl=0', 'PARAMETER_NOT_ALLOWED'],
    ['postgres://a:b@db.example/c?sslmode=verify-full&sslmode=disable', 'PARAMETER_NOT_ALLOWED'],
  ] as const) {
    test(`${text}: ${code}`, async () => {
      await rejects(readAddress({ urlFile: addressFile(text) }, 'usual'), coded(code));
    });
  }

  test('is a secret of its owner; the schema is the usual one unless it is named', async () => {
    const open = addressFile(POSTGRES_URL, 0o640);
    await rejects(readAddress({ urlFile: open }, 'usual'), refusal('KEY_FILE_MODE'));
    const urlFile = addressFile('postgres://a:b@db.example/c?sslmode=verify-full');
    equal((await readAddress({ urlFile }, 'usual')).schema, 'usual');
    equal((await readAddress({ urlFile, schema: 'own' }, 'usual')).schema, 'own');
  });
});

describe.skipIf(!hasPostgres)('several processes', () => {
  const open = async (schema: string, alone: boolean): Promise<ServiceStore<object>> => {
    const options: ServiceStoreOptions = {
      database: { urlFile: addressFile(POSTGRES_URL), schema },
      file: '',
      schema: '',
      migrations: [],
      alone,
    };
    const opened = await openServiceStore<object>(options);
    onTestFinished(opened.close);
    return opened;
  };

  test('of a holder there is one', async () => {
    const schema = freshSchema();
    const first = await open(schema, true);
    await rejects(open(schema, true), refusal('DATA_DIRECTORY_BUSY'));
    await first.close();
    await open(schema, true);
  });

  test('whose connection breaks claims the schema again, and writes nothing while another has it', async () => {
    const schema = freshSchema();
    const { store } = await open(schema, true);
    const claim = lockKey(schema, 'claim the process of this service');
    const other = new pg.Client(POSTGRES_URL);
    await other.connect();
    onTestFinished(() => other.end());
    const one = async <T>(sql: string): Promise<T | undefined> =>
      (await other.query<{ it: T }>(sql)).rows[0]?.it;
    const holding = `SELECT pid AS it FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND ((classid::bigint << 32) | objid::bigint) = ${claim}`;
    const write = (): Promise<unknown> => store.immediate(() => Promise.resolve(1));
    const pid = await one<number>(holding);
    ok(pid !== undefined);
    await one(`SELECT pg_terminate_backend(${pid}) AS it`);
    while ((await one<boolean>(`SELECT pg_try_advisory_lock(${claim}) AS it`)) !== true);
    // As soon as this process has heard of it, and after its reconnection too.
    await sleep(20);
    await rejects(write(), (error: unknown) =>
      ['DATABASE_UNREACHABLE', 'DATA_DIRECTORY_BUSY'].includes(asRefusal(error).code),
    );
    await sleep(500);
    await rejects(write(), refusal('DATA_DIRECTORY_BUSY'));
    await one(`SELECT pg_advisory_unlock(${claim}) AS it`);
    while ((await one<number>(holding)) === undefined) await sleep(20);
    await sleep(20);
    equal(await write(), 1);
    await rejects(open(schema, true), refusal('DATA_DIRECTORY_BUSY'));
  });

  test('of a sandbox wake each other', async () => {
    const schema = freshSchema();
    const [one, two] = [await open(schema, false), await open(schema, false)];
    const [here, there] = [new Wakeups(one.peers), new Wakeups(two.peers)];
    using waiting = there.watch('inbox/lu');
    using other = there.watch('inbox/jp');
    here.wake('inbox/lu');
    const late = AbortSignal.timeout(3000);
    await waiting.next(late);
    equal(late.aborted, false);
    const silent = AbortSignal.timeout(50);
    await other.next(silent);
    equal(silent.aborted, true);
  });
});
