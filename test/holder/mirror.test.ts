/** What a holder tells another one that was set back: disclosures and a stop among what it saw. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { EVERYONE, signFrame } from '../../src/flows/frame.ts';
import { encodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { encodeReservation } from '../../src/flows/pooled/reservation.ts';
import { encodeRecovery, recoveryRun } from '../../src/flows/recovery.ts';
import { mirrorFor, seenIn } from '../../src/holder/mirror.ts';
import { type RunStores, runStores } from './run-stores.ts';

const lu = SigningKey.generate();
const id = (name: string): string => sha256Hex(utf8(name));
const nonce = '1'.repeat(32);

async function refuses(
  { frames }: RunStores,
  position: number,
  study: string,
  code: ErrorCode,
): Promise<void> {
  const body = encodeRefusal(new Refusal(code, 'test'), false);
  const frame = { study, run: study, from: 'lu', to: EVERYONE, sequence: 1, body };
  await frames.accept(signFrame({ ...frame, kind: 'refusal' }, lu), position);
}

/** Nothing of a study is stored here. */
const studies = {
  any: () => Promise.reject(new Error('a study')),
  signedNarrowings: () => Promise.reject(new Error('narrowings')),
};

const told = (stores: RunStores, study: string) => {
  const body = encodeRecovery({ nonce, head: { sequence: 1, hash: id('head') } });
  return mirrorFor(
    { study, run: recoveryRun(study, nonce), from: 'lu', body },
    { ...stores, studies },
  );
};

test('a stop that the asker told is told back; another refusal is none', async () => {
  const stores = runStores();
  await refuses(stores, 1, id('stopped'), 'STUDY_STOPPED');
  await refuses(stores, 2, id('unpinned'), 'STEWARD_NOT_PINNED');
  strictEqual((await told(stores, id('stopped'))).stopped, true);
  strictEqual('stopped' in (await told(stores, id('unpinned'))), false);
  strictEqual('stopped' in (await told(stores, id('silent'))), false);
  await stores.store.close();
});

test('what a reservation disclosed is seen', () => {
  const head = { sequence: 4, hash: id('head') };
  const spent = { rho: '1/4', delta: '0/1' };
  const account = { spent, left: spent };
  const common = { run: id('run'), plan: id('plan'), rho: '1/4', charged: true, head, account };
  const seen = { run: id('run'), head, used: spent };
  deepStrictEqual(seenIn(encodeReservation(common), id('run')), seen);
  deepStrictEqual(seenIn(encodeReservation({ ...common, discloses: 'set' }), id('run')), {
    ...seen,
    discloses: 'set',
  });
});
