/**
 * Linked queries over real processes when something goes wrong, or somebody goes: kill -9 at durable steps, a sandbox that
 * is started anew, people who withdrew, and a third holder whose people are nobody's matter.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { json } from '../support/institutions.ts';
import {
  bookedAt,
  disclosing,
  LINKED_QUERY,
  LinkedInstitutions,
  linkedDraft,
  SHARED,
  sharedPeople,
} from '../support/linked-institutions.ts';

type Entries = { entries: { body: { type: string } }[] };
type Cells = { cells: { value: number }[]; spent: Record<string, unknown> };

const DONE = ['reserve', 'touch', 'vector', 'settle'];

/** By holder and step: whether the run goes on after a restart, and else what its ledger has of it. */
const CASES: readonly (readonly ['lu' | 'jp', string, 'goes on' | readonly string[]])[] = [
  ['lu', 'reservation', 'goes on'],
  // Begun and not touched: nothing was read, so nothing is spent.
  ['lu', 'linked-begun', ['reserve', 'abort']],
  ['lu', 'ledger/touch', ['reserve', 'touch']],
  ['jp', 'ledger/touch', ['reserve', 'touch']],
  ['jp', 'linked-answered', 'goes on'],
  ['lu', 'ledger/vector', 'goes on'],
  ['jp', 'ledger/vector', 'goes on'],
  ['lu', 'ledger/settle', 'goes on'],
];

describe('a holder killed', () => {
  test.each(CASES)(
    '%s after %s',
    async (name, step, end) => {
      const here = new LinkedInstitutions();
      const running = await here.open();
      await running[name].kill('SIGTERM');
      const doomed = await here.holder(name, step);
      const asked = here.asked(LINKED_QUERY);
      strictEqual(await doomed.gone, 'SIGKILL');
      await here.holder(name);
      const answer = await asked;
      if (end === 'goes on') {
        strictEqual(answer['code'], 0, JSON.stringify(answer));
        for (const one of here.names) deepStrictEqual(await bookedAt(here, one), DONE);
        return;
      }
      ok(answer['code'] !== 0);
      deepStrictEqual(await bookedAt(here, name), end);
      // Asked again it is another run, with another charge.
      const again = await here.asked(LINKED_QUERY);
      strictEqual(again['code'], 0, JSON.stringify(again));
      deepStrictEqual(await bookedAt(here, name), [...end, ...DONE]);
    },
    300_000,
  );
});

test('the sandbox killed in the middle: what was said through it is gone, the charge is not', async () => {
  const here = new LinkedInstitutions();
  const { sandbox } = await here.open();
  const asked = here.asked(LINKED_QUERY).catch(() => ({ code: 1 }));
  const end = Date.now() + 60_000;
  while (!(await bookedAt(here, 'lu')).includes('touch')) {
    ok(Date.now() < end, 'never touched');
    await sleep(100);
  }
  await sandbox.kill('SIGKILL');
  await here.sandbox();
  const first = await asked;
  const again = first['code'] === 0 ? first : await here.asked(LINKED_QUERY);
  strictEqual(again['code'], 0, JSON.stringify(again));
  for (const name of here.names) {
    const kinds = await bookedAt(here, name);
    strictEqual(kinds.filter((kind) => kind === 'settle').length, 1);
    deepStrictEqual(kinds.slice(-4), DONE);
  }
}, 400_000);

test('who withdrew at one holder is in no pair any more', async () => {
  const here = new LinkedInstitutions();
  await here.open();
  const gone = sharedPeople.slice(0, 10);
  const list = here.at('withdrawn.txt');
  writeFileSync(list, gone.map((one) => `${one}\n`).join(''));
  await json(['cohort', 'withdraw', list, '--data', here.data('lu')]);
  strictEqual((await here.asked(disclosing('set')))['code'], 0);
  const left = sharedPeople.filter((one) => !gone.includes(one));
  for (const name of here.names) {
    deepStrictEqual([...(await here.told(name)).keys()].sort(), left);
  }
}, 300_000);

test('a third holder is asked nothing, charged nothing and told nothing', async () => {
  const here = new LinkedInstitutions();
  const { files, draft } = linkedDraft(['lu', 'jp', 'kr']);
  const study = here.at('draft.json');
  const query = here.at('query.json');
  writeFileSync(study, JSON.stringify(draft));
  writeFileSync(query, JSON.stringify({ ...disclosing('set'), between: ['lu', 'jp'] }));
  const data = here.at('run');
  const holders = Object.entries(files).flatMap(([name, text]) => {
    writeFileSync(here.at(`${name}.csv`), text);
    return ['--holder', `${name}=${here.at(`${name}.csv`)}`];
  });
  const argv = ['run', '--study', study, '--query', query, ...holders, '--data', data];
  const { release } = (await json(argv)) as { release: Cells & { receipt: { study: string } } };
  ok(Math.abs((release.cells[0]?.value ?? 0) - SHARED) <= 15);
  deepStrictEqual(Object.keys(release.spent).sort(), ['jp', 'lu']);
  const ledger = async (name: string): Promise<string[]> => {
    const { entries } = (await json(['ledger', '--data', `${data}/holders/${name}`])) as Entries;
    return entries.map(({ body }) => body.type);
  };
  deepStrictEqual(await ledger('kr'), ['grant', 'load']);
  deepStrictEqual(await ledger('lu'), ['grant', 'load', ...DONE]);
}, 300_000);
