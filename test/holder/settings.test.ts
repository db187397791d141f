/** A holder that was started with options: its staff needs none of them while it does not run. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import path from 'node:path';
import { test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { saveKey } from '../../src/engine/keys.ts';
import { HolderDesk } from '../../src/holder/desk.ts';
import { type Office, openOffice } from '../../src/holder/office.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

test('what is not set anywhere is as at the last start', async () => {
  const data = path.join(scratch(), 'data');
  await saveKey(path.join(data, 'keys', 'identity.pem'), SigningKey.generate());
  const open = (more: object): Promise<Office> =>
    openOffice({
      data,
      environment: {},
      flags: {},
      clock: localClock,
      rng: systemRng,
      log: () => silentLog,
      ...more,
    });
  const flags = {
    name: 'lu',
    sandbox: 'http://127.0.0.1:7310',
    stewards: [SigningKey.generate().publicText],
  };
  await rejects(open({ asLastStarted: true }), refusal('CONFIGURATION_INVALID'));
  const started = await open({ flags });
  const { configuration } = started;
  await started.close();
  await rejects(open({}), refusal('CONFIGURATION_INVALID'), 'a service takes nothing from before');
  const staff = await open({ asLastStarted: true });
  deepStrictEqual(staff.configuration, configuration);
  deepStrictEqual((await new HolderDesk(staff.desk).status())['holder'], 'lu');
  await staff.close();
});
