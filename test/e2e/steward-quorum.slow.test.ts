/**
 * k of n stewards, over real processes and the shipped command, for a study, an amendment and an approval: fewer are
 * refused, the same one twice counts once, and one whose key a holder revoked counts for nothing there.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { Amending, codeOf } from '../support/amending.ts';
import { command, json } from '../support/institutions.ts';

type Draft = {
  title: string;
  approval?: object;
  holders: { name: string; stewards: { need: number; keys: string[] } }[];
};
type Signed = { study: Draft; signatures: { key: string }[] };
type Waiting = { waiting: { run: string; given: number; need: number }[] };

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

class Quorum extends Amending {
  readonly keys: string[] = [];

  /** Two of three stewards at lu, two of two at jp; the third of lu is revoked at both. */
  async prepareStewards(): Promise<Draft> {
    await this.prepare();
    const made = ['lu-2', 'lu-3', 'jp-2'].map(async (name) =>
      String((await json(['keygen', this.at('keys', `${name}.pem`)]))['key']),
    );
    const [second = '', third = '', other = ''] = await Promise.all(made);
    const draft = read(this.at('draft.json')) as Draft;
    for (const { name, stewards } of draft.holders) {
      stewards.need = 2;
      stewards.keys.push(...(name === 'lu' ? [second, third] : [other]));
    }
    for (const { name, stewards } of draft.holders) {
      const file = path.join(this.data(name), 'config.json');
      const settings = { ...(read(file) as object), stewards: stewards.keys, revoked: [third] };
      writeFileSync(file, JSON.stringify(settings));
    }
    return draft;
  }

  async signed(name: string, draft: object, stewards: readonly string[]): Promise<string> {
    let file = this.at(`${name}.json`);
    writeFileSync(file, JSON.stringify(draft));
    for (const steward of stewards) file = await this.sign(file, steward);
    return file;
  }

  approve(run: string, steward: string, holder: string) {
    const as = ['--key', this.at('keys', `${steward}.pem`), '--data', this.data(holder)];
    return command(['budget', 'approve', run, ...as, '--json']);
  }

  async waiting(holder: string): Promise<Waiting['waiting']> {
    for (let i = 0; i < 100; i += 1) {
      const { waiting } = (await json(['budget', 'show', '--data', this.data(holder)])) as Waiting;
      if (waiting.length > 0) return waiting;
      await sleep(200);
    }
    throw new Error(`nothing waits at ${holder}`);
  }
}

test('k of n', async () => {
  const here = new Quorum();
  const draft = await here.prepareStewards();
  await here.sandbox();
  await Promise.all([here.holder('lu'), here.holder('jp')]);
  const titled = (title: string): Draft => ({ ...draft, title });

  // A study.
  const below = await here.signed('below', titled('Below'), ['lu', 'jp', 'jp-2']);
  strictEqual(codeOf(await here.submitVersion(below)), 'STUDY_UNSIGNED');
  const again = await here.sign(below, 'lu');
  strictEqual((read(again) as Signed).signatures.length, 3);
  const { signatures, ...rest } = read(below) as Signed;
  writeFileSync(
    here.at('twice.json'),
    JSON.stringify({ ...rest, signatures: [...signatures, ...signatures.slice(0, 1)] }),
  );
  strictEqual(codeOf(await here.submitVersion(here.at('twice.json'))), 'SIGNATURE_REJECTED');
  const revoked = await here.signed('revoked', titled('Revoked'), ['lu', 'lu-3', 'jp', 'jp-2']);
  strictEqual(codeOf(await here.submitVersion(revoked)), 'STUDY_UNSIGNED');
  const enough = await here.signed('enough', titled('Enough'), ['lu', 'lu-2', 'jp', 'jp-2']);
  here.studyFile = enough;
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));

  // An amendment: queries above 1/100 wait for two stewards of every holder.
  const change = here.at('change.json');
  writeFileSync(
    change,
    JSON.stringify({
      ...titled('Enough'),
      approval: { above: '1/100', stewards: 2 },
      operations: ['count', 'mean'],
    }),
  );
  const amend = (name: string, stewards: readonly string[]) =>
    here.amend(name, enough, ['--draft', change], stewards);
  strictEqual(
    codeOf(await here.submitVersion(await amend('few', ['lu', 'jp', 'jp-2']))),
    'STUDY_UNSIGNED',
  );
  const taken = await here.submitVersion(await amend('all', ['lu', 'lu-2', 'jp', 'jp-2']));
  strictEqual(taken.code, 0, taken.out + taken.err);
  const version = here.at('all-lu-lu-2-jp-jp-2.json');

  // An approval.
  const asked = here.askAs('ana', version, '1/50');
  const [about] = await here.waiting('lu');
  const run = about?.run ?? '';
  deepStrictEqual([about?.given, about?.need], [0, 2]);
  const given = async (steward: string): Promise<unknown> =>
    (JSON.parse((await here.approve(run, steward, 'lu')).out) as { given: number }).given;
  strictEqual(await given('lu'), 1);
  strictEqual(await given('lu'), 1);
  strictEqual(codeOf(await here.approve(run, 'lu-3', 'lu')), 'FORBIDDEN');
  strictEqual(codeOf(await here.approve(run, 'jp', 'lu')), 'FORBIDDEN');
  strictEqual((await here.waiting('lu'))[0]?.given, 1);
  strictEqual(await given('lu-2'), 2);
  await here.waiting('jp');
  for (const steward of ['jp', 'jp-2'])
    strictEqual((await here.approve(run, steward, 'jp')).code, 0);
  // Stewards may have taken longer than the first call waits: asked again it is the same run.
  const { code } = await asked;
  const later = code === 0 ? undefined : await here.askAs('ana', version, '1/50');
  strictEqual(later?.code ?? 0, 0, later?.err);

  // Of an amendment a holder does not count who is revoked there: the other holder may already have it.
  const more = here.amend(
    'more',
    version,
    ['--expires', '2100-01-01'],
    ['lu', 'lu-3', 'jp', 'jp-2'],
  );
  strictEqual(codeOf(await here.submitVersion(await more)), 'STUDY_UNSIGNED');
}, 600_000);
