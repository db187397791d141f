/** What `kakehashi cohort uploads` says of a run with the operator's statement, of one without, and of none at all. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { signErasure } from '../../src/audit/erasure.ts';
import { SigningKey } from '../../src/base/sign.ts';
import type { ListedUploads } from '../../src/engine/transport/uploads-wire.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { listenControl } from '../../src/holder/control.ts';
import type { HolderDesk } from '../../src/holder/desk.ts';
import { UploadsDesk } from '../../src/holder/uploads-desk.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

const operator = SigningKey.generate();
const [study, ENDED, OPEN] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];

async function asked(...more: readonly string[]) {
  const data = scratch();
  const upload = (run: string, state: string) => ({
    ...{ upload: 'd'.repeat(64), run, holder: 'lu', image: 'e'.repeat(64) },
    ...{ bytes: 4096, expires: '2026-11-29T00:00:00.000Z', state },
  });
  const signed = signErasure(
    {
      ...{ study, holder: 'sandbox', of: { kind: 'sandboxed-run', id: ENDED } },
      ...{ keys: ['upload/lu/0'], sandbox: { ciphertexts: 1, bytes: 4096 }, at: new Date(0) },
    },
    operator,
  );
  const listed: ListedUploads = {
    uploads: [upload(ENDED, 'destroyed'), upload(OPEN, 'live')],
    statements: [signed],
  };
  const images = [{ sandbox: { key: operator.publicText } }];
  const desk = new UploadsDesk(
    { list: async () => listed },
    { any: async () => ({ images }) as unknown as Study },
  );
  const socket = path.join(data, 'control.sock');
  const others = { budget: {} } as unknown as HolderDesk;
  const control = await listenControl(socket, others, undefined, undefined, desk);
  onTestFinished(() => control.close());
  const args = ['cohort', 'uploads', '--data', data, '--study', study, ...more];
  return { signed, answer: await cli(args) };
}

test('both runs are listed, and the one that is stated says so', async () => {
  const { answer } = await asked();
  strictEqual(answer.code, 0, answer.err);
  const [ended, open] = answer.out.trim().split('\n');
  match(ended ?? '', /^run bbbbbbbbbbbb: .*, key destroyed, signed by the operator$/);
  match(open ?? '', /^run cccccccccccc: .*, live$/);
});

test('a statement is printed as it was signed', async () => {
  const { answer, signed } = await asked('--statement', ENDED);
  strictEqual(answer.code, 0, answer.err);
  deepStrictEqual(JSON.parse(answer.out), signed);
});

test('of a run without one it is NOT_FOUND, and nothing is printed that could be taken for one', async () => {
  const { answer } = await asked('--statement', OPEN, '--json');
  strictEqual(answer.code, 1);
  const { type } = JSON.parse(answer.out) as { readonly type: string };
  strictEqual(type, 'urn:kakehashi:problem:NOT_FOUND');
  const stranger = (await asked('--statement', 'f'.repeat(64))).answer;
  deepStrictEqual([stranger.code, stranger.out], [1, '']);
  match(stranger.err, /no statement about this run yet/);
});
