/** Key shares on disk: a file for each epoch and parameter set, locked, made once. */
import { deepStrictEqual, rejects, throws } from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { FileKeyShares } from '../../src/engine/keys/key-shares.ts';
import type { KeyIdentity, KeyShare } from '../../src/he/collective/key.ts';
import { RLWE_4096, rlweParameters } from '../../src/he/ring/parameters.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const STUDY = 'a'.repeat(64);
const WIDE = rlweParameters(8192, 2n ** 56n);
const identity = (epoch: number): KeyIdentity => ({
  study: STUDY,
  flow: 'pooled-aggregate',
  epoch,
  attempt: 1,
  holders: ['jp', 'lu'],
});

test('one share for one epoch and set, the same after a restart; a lost one is found out', async () => {
  const directory = scratch();
  const key = SigningKey.generate();
  const made = new Set<string>();
  const open = (by = key): FileKeyShares =>
    new FileKeyShares({
      directory,
      vault: new Vault(by, systemRng),
      rng: systemRng,
      holder: 'lu',
      enter: () => Promise.resolve(undefined),
      made: (name) => Promise.resolve(made.has(name)),
      remember: async (name) => void made.add(name),
    });
  const first = open();
  const secrets = new Set<string>();
  for (const [epoch, parameters] of [
    [1, RLWE_4096],
    [2, RLWE_4096],
    [2, WIDE],
  ] as const) {
    const share = await first.share(identity(epoch), parameters);
    secrets.add(Buffer.from(share.secret.expose()).toString('hex'));
    const again = await open().share(identity(epoch), parameters);
    deepStrictEqual(again.secret.expose(), share.secret.expose());
  }
  deepStrictEqual(secrets.size, 3, 'no epoch and no set has the share of another');
  const files = readdirSync(directory).sort();
  deepStrictEqual(files, [
    `${STUDY}.1.${RLWE_4096.id}.he`,
    `${STUDY}.2.${RLWE_4096.id}.he`,
    `${STUDY}.2.${WIDE.id}.he`,
  ]);
  for (const file of files)
    deepStrictEqual(statSync(path.join(directory, file)).mode & 0o777, 0o600);
  await rejects(open(SigningKey.generate()).share(identity(1), RLWE_4096));
  rmSync(path.join(directory, files[0] ?? ''));
  await rejects(open().share(identity(1), RLWE_4096), refusal('DATA_DIRECTORY_DAMAGED'));
});

test('an epoch that cannot be entered is refused with the one that can', async () => {
  const keys = new FileKeyShares({
    directory: scratch(),
    vault: new Vault(SigningKey.generate(), systemRng),
    rng: systemRng,
    holder: 'lu',
    enter: ({ epoch }) => Promise.resolve(epoch < 3 ? 3 : undefined),
    made: () => Promise.resolve(false),
    remember: () => Promise.resolve(),
  });
  await keys.enter(identity(3), STUDY, 1);
  await rejects(keys.enter(identity(2), STUDY, 1), (error: unknown) => {
    deepStrictEqual((error as { fields: unknown }).fields, { holder: 'lu', epoch: 3 });
    return refusal('KEY_EPOCH')(error);
  });
});

test('the shares of an ended epoch are deleted, those of others stay, and none is made again', async () => {
  const directory = scratch();
  const made = new Set<string>();
  const vault = new Vault(SigningKey.generate(), systemRng);
  const open = (): FileKeyShares =>
    new FileKeyShares({
      directory,
      vault,
      rng: systemRng,
      holder: 'lu',
      enter: () => Promise.resolve(undefined),
      made: (name) => Promise.resolve(made.has(name)),
      remember: async (name) => void made.add(name),
    });
  const keys = open();
  const shares: KeyShare[] = [];
  for (const epoch of [1, 2, 3]) shares.push(await keys.share(identity(epoch), RLWE_4096));
  await keys.share({ ...identity(1), study: 'b'.repeat(64) }, RLWE_4096);
  const before = new Map(
    readdirSync(directory).map((file) => [file, readFileSync(path.join(directory, file))]),
  );
  deepStrictEqual([...(await keys.epochs(STUDY))].sort(), [1, 2, 3]);
  // Epoch 2 has an open run.
  deepStrictEqual(await keys.end(STUDY, (epoch) => epoch >= 3 || epoch === 2), 1);
  deepStrictEqual(
    readdirSync(directory).sort(),
    [...before.keys()].filter((file) => !file.startsWith(`${STUDY}.1.`)).sort(),
  );
  throws(() => shares[0]?.secret.expose(), refusal('PROTOCOL_STATE'));
  deepStrictEqual(shares[1]?.secret.expose().length, shares[2]?.secret.expose().length);
  // Neither this process nor the next makes another share under the ended key.
  await rejects(keys.share(identity(1), RLWE_4096), refusal('DATA_DIRECTORY_DAMAGED'));
  await rejects(open().share(identity(1), RLWE_4096), refusal('DATA_DIRECTORY_DAMAGED'));
  deepStrictEqual(await open().end(STUDY, (epoch) => epoch >= 2), 0);
  // A backup brings the file back: it goes again.
  for (const [file, bytes] of before) writeFileSync(path.join(directory, file), bytes);
  deepStrictEqual(await open().end(STUDY, (epoch) => epoch >= 3), 2);
});
