/** What `kakehashi cohort disclosed` refuses, before it asks a holder and after. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { listenControl } from '../../src/holder/control.ts';
import { deskLab } from '../holder/desk-lab.ts';
import { cli } from '../support/captured-io.ts';

test('wrong calls, a study without disclosures, a run that is none', async () => {
  const lab = await deskLab();
  const control = await listenControl(path.join(lab.directory, 'control.sock'), lab.desk);
  onTestFinished(() => control.close());
  const file = path.join(lab.directory, 'cohort.csv');
  const out = path.join(lab.directory, 'both.csv');
  writeFileSync(file, 'patient_id\nA\n');
  const disclosed = (...more: readonly string[]) =>
    cli(['cohort', 'disclosed', '--data', lab.directory, '--json', ...more]);
  const study = ['--study', lab.study.id];
  for (const wrong of [
    [],
    ['--study', 'x'],
    [...study, '--run', 'x'],
    [file, ...study],
    [...study, '--out', out],
    [file, ...study, '--out', out, '--encoding', 'klingon'],
  ]) {
    strictEqual((await disclosed(...wrong)).code, 2, wrong.join(' '));
  }
  match((await disclosed(...study)).out, /"runs":\[\]/);
  for (const none of [study, [...study, '--run', 'a'.repeat(64)]]) {
    const refused = await disclosed(file, ...none, '--out', out);
    strictEqual(refused.code, 1);
    match(refused.out, /urn:kakehashi:problem:NOT_FOUND/);
  }
  ok(!existsSync(out), 'no file of nothing');
  const stranger = await disclosed(file, '--study', 'b'.repeat(64), '--out', out);
  ok(stranger.code !== 0 && stranger.out.includes('urn:kakehashi:problem:'), stranger.out);
});
