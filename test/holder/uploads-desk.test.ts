/** What staff is shown of uploads: with statements of the operator that the study names, about this study, and no other. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { test } from 'vitest';
import { type SignedErasure, signErasure } from '../../src/audit/erasure.ts';
import { SigningKey } from '../../src/base/sign.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { UploadsDesk } from '../../src/holder/uploads-desk.ts';
import { refusal } from '../support/refusal.ts';

const STUDY = 'a'.repeat(64);
const operator = SigningKey.generate();
const images = [{ place: 'holder' }, { place: 'sandbox', sandbox: { key: operator.publicText } }];

const statement = (key: SigningKey, study = STUDY): SignedErasure =>
  signErasure(
    {
      ...{
        study,
        holder: 'lu',
        of: { kind: 'sandboxed-run', id: 'b'.repeat(64) },
        keys: ['upload'],
      },
      ...{ sandbox: null, at: new Date(0) },
    },
    key,
  );

const shown = (...statements: readonly SignedErasure[]) =>
  new UploadsDesk(
    { list: () => Promise.resolve({ uploads: [], statements }) },
    { any: () => Promise.resolve({ images } as unknown as Study) },
  ).list(STUDY);

test('statements of the operator are shown as they are', async () => {
  const own = statement(operator);
  deepStrictEqual(await shown(own), { uploads: [], statements: [own] });
});

test('of another key, altered, or about another study: nothing is shown', async () => {
  const own = statement(operator);
  const altered = { ...own, erasure: { ...own.erasure, keys: [] } };
  for (const bad of [
    statement(SigningKey.generate()),
    altered,
    statement(operator, 'c'.repeat(64)),
  ])
    await rejects(shown(own, bad), refusal('SIGNATURE_REJECTED'));
});
