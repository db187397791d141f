/** When the shares of an ended epoch of the collective key go, and what that costs where there are none. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { FileKeyShares } from '../../src/engine/keys/key-shares.ts';
import { endKeys } from '../../src/holder/ended-keys.ts';
import { silentLog } from '../support/memory-ports.ts';
import { scratch } from '../support/scratch.ts';
import { runStores } from './run-stores.ts';

const STUDY = 'a'.repeat(64);
const RUN = 'b'.repeat(64);

test('shares of earlier epochs go with the last open run in one; runs are read where there are such shares only', async () => {
  const { store, runs } = runStores();
  onTestFinished(() => store.close());
  const directory = scratch();
  const keys = new FileKeyShares({
    directory,
    vault: new Vault(SigningKey.generate(), systemRng),
    rng: systemRng,
    holder: 'lu',
    enter: () => Promise.resolve(undefined),
    made: () => Promise.resolve(false),
    remember: () => Promise.resolve(),
  });
  const share = (epoch: number): string => `${STUDY}.${epoch}.rlwe.he`;
  await runs.keepStudy(STUDY, '{}');
  await runs.keepRun({ id: RUN, study: STUDY, request: '{"epoch":1}', accepted_at: '2026-11-29' });
  let read = 0;
  const end = async (): Promise<string[]> => {
    const counted = {
      epoch: (study: string) => runs.epoch(study),
      runs: (study?: string) => {
        read += 1;
        return runs.runs(study);
      },
    };
    await endKeys(STUDY, { keys, runs: counted, log: silentLog });
    return readdirSync(directory).sort();
  };
  deepStrictEqual(await end(), []);
  writeFileSync(path.join(directory, share(1)), 'of the first epoch');
  deepStrictEqual(await end(), [share(1)]);
  strictEqual(read, 0);

  await runs.raiseEpoch(STUDY, 2);
  writeFileSync(path.join(directory, share(2)), 'of the second epoch');
  deepStrictEqual(await end(), [share(1), share(2)], 'a run in it is open');
  await runs.endRun(RUN, 'ended', 'RUN_INCOMPLETE');
  deepStrictEqual(await end(), [share(2)]);
  strictEqual(read, 2);
  deepStrictEqual(await end(), [share(2)]);
  strictEqual(read, 2);
});
