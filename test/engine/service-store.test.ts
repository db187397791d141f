/** Where a service is told that its database is, who may be there with it, and who is woken. */
import { equal, rejects } from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
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
