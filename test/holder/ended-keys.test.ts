/** When the shares of an ended epoch of the collective key go, and what that costs where there are none. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { FileKeyShares } from '../../src/engine/keys/key-shares.ts';
import { endKeys, endKeysOfAll } from '../../src/holder/ended-keys.ts';
import { silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { runStores } from './run-stores.ts';

const STUDY = 'a'.repeat(64);
const RUN = 'b'.repeat(64);

function lab() {
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
  return { runs, directory, keys };
}

const share = (epoch: number, study = STUDY): string => `${study}.${epoch}.rlwe.he`;

test('shares of earlier epochs go with the last open run in one; runs are read where there are such shares only', async () => {
  const { runs, directory, keys } = lab();
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

test('one that cannot be removed is said once, keeps no other, and goes when it can', async () => {
  const { runs, directory, keys } = lab();
  const OTHER = 'c'.repeat(64);
  for (const study of [STUDY, OTHER]) {
    await runs.keepStudy(study, '{}');
    await runs.raiseEpoch(study, 3);
  }
  // What is no file cannot be removed as one.
  mkdirSync(path.join(directory, share(1)));
  for (const file of [share(2), share(1, OTHER), share(3)])
    writeFileSync(path.join(directory, file), 'x');
  const said: object[] = [];
  const log = { ...silentLog, error: (context: object) => said.push(context) };
  const end = endKeysOfAll({ keys, runs, log });
  await end();
  await end();
  deepStrictEqual(readdirSync(directory).sort(), [share(1), share(3)]);
  deepStrictEqual(said, [
    { study: STUDY, code: 'FILE_NOT_REMOVED', detail: `${share(1)}: ERR_FS_EISDIR` },
  ]);
  await rejects(endKeys(STUDY, { keys, runs, log }), refusal('FILE_NOT_REMOVED'));
  rmdirSync(path.join(directory, share(1)));
  writeFileSync(path.join(directory, share(1)), 'x');
  await end();
  deepStrictEqual(readdirSync(directory), [share(3)]);
  strictEqual(said.length, 1);
});
