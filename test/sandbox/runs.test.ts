/** Runs at the sandbox, end to end over its HTTP routes, with real holders' flows. */
import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { releaseDigest } from '../../src/flows/pooled/release.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { verifyRelease } from '../../src/client/verify-release.ts';
import { attestedBody, type Release } from '../../src/sandbox/release.ts';
import { WiredHolder } from './lab-holder.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
let study: Study;
let holders: readonly WiredHolder[];
beforeAll(async () => {
  study = await lab.study({ rho: '1/10' });
  holders = [new WiredHolder(lab, 'lu', 3n), new WiredHolder(lab, 'jp', 4n)];
  for (const holder of holders) await holder.grant(study);
});
afterAll(() => Promise.all(holders.map((holder) => holder.close())));

const get = (path: string) => lab.call(lab.keys.analyst, 'GET', path);
const view = async (run: string) =>
  (await get(`/v1/runs/${run}`)).json<{
    state: string;
    problem?: Record<string, unknown>;
    holders: { name: string; step: string | null }[];
  }>();
/** As an analyst reads it: attested by every holder, or nothing. */
const release = async (run: string) => {
  const read = (await get(`/v1/runs/${run}/release`)).json<Release>();
  verifyRelease(read, study);
  return read;
};
const holdAll = (run: string) => Promise.all(holders.map((holder) => holder.hold(study, run)));

async function ended(run: string): Promise<string> {
  const answer = await get(`/v1/runs/${run}/events`);
  strictEqual(answer.headers['content-type'], 'text/event-stream');
  return answer.body;
}
const states = (events: string): string[] =>
  [...events.matchAll(/event: state\ndata: \{"state":"([a-z]+)"\}/g)].map(
    ([, state]) => state ?? '',
  );

describe('a run', () => {
  test('goes from two holders to one release, with events on the way', async () => {
    const run = await lab.run(study, { rho: '1/200', groupBy: ['sex'] });
    strictEqual(codeOf(await get(`/v1/runs/${run}/release`)), 'NOT_FOUND');
    const listening = ended(run);
    const attested = await holdAll(run);
    const events = await listening;
    deepStrictEqual(states(events), ['reserving', 'computing', 'sharing', 'released']);
    ok(events.includes('event: step\ndata: {"holder":"jp","kind":"reservation"}'));

    const shown = await view(run);
    strictEqual(shown.state, 'released');
    deepStrictEqual(
      shown.holders.map(({ name, step }) => [name, step]),
      [
        ['jp', 'cosignature'],
        ['lu', 'cosignature'],
      ],
    );
    const result = await release(run);
    deepStrictEqual(
      result.cells.map(({ group, measure, value, suppressed }) => [
        group,
        measure,
        value,
        suppressed,
      ]),
      [
        [{ sex: 'F' }, 'people', 7, false],
        [{ sex: 'M' }, 'people', 7, false],
        [{ sex: null }, 'people', 7, false],
      ],
    );
    const ids = { study: study.id, run, planDigest: result.receipt.plan };
    strictEqual(releaseDigest(ids, attestedBody(result)), result.receipt.released);
    deepStrictEqual(attested, [result.receipt.released, result.receipt.released]);
    deepStrictEqual(result.spent, {
      lu: { rho: '1/200', delta: '0/1' },
      jp: { rho: '1/200', delta: '0/1' },
    });
    deepStrictEqual(result.left['lu'], { rho: '19/200', delta: '1/1000000' });
    deepStrictEqual(
      result.receipt.holders.map(({ attestation }) => attestation.holder),
      ['jp', 'lu'],
    );

    // A listener that comes back gets what it has not seen.
    const id = Number(/id: (\d+)\nevent: state\ndata: \{"state":"sharing"\}/.exec(events)?.[1]);
    const headers = { 'last-event-id': String(id) };
    const rest = await lab.call(lab.keys.analyst, 'GET', `/v1/runs/${run}/events`, { headers });
    deepStrictEqual(states(rest.body), ['released']);
    ok(rest.body.includes(`id: ${id + 1}\n`));
  });

  test('the same question again is the stored release, whoever signed it and whatever it is called', async () => {
    const question = { rho: '1/150', groupBy: ['sex', { column: 'age', bins: [0, 50, 111] }] };
    const query = await lab.query(study, question);
    const first = (await lab.start(query)).json<{ run: string }>().run;
    strictEqual((await lab.start(query)).json<{ run: string }>().run, first);
    strictEqual(await lab.run(study, question), first);
    await holdAll(first);
    await ended(first);
    deepStrictEqual((await lab.start(query)).json(), { run: first, state: 'released' });
    strictEqual(await lab.run(study, question), first);

    const renamed: Record<string, Json> = {
      ...question,
      groupBy: [...question.groupBy].reverse(),
      measures: [{ name: 'n', count: true }],
    };
    const other = await lab.query(study, renamed);
    const priced = (await get(`/v1/queries/${other}`)).json<{ released: string }>();
    strictEqual(priced.released, first);
    const answer = (await lab.start(other)).json<{ run: string; state: string }>();
    strictEqual(answer.state, 'released');
    notStrictEqual(answer.run, first);
    const [stored, derived] = [await release(first), await release(answer.run)];
    deepStrictEqual(
      derived.cells.map(({ group, measure }) => [measure, ...Object.keys(group)]),
      stored.cells.map(() => ['n', 'age', 'sex']),
    );
    strictEqual(derived.receipt.released, stored.receipt.released);
    deepStrictEqual(derived.receipt.source, attestedBody(stored));
    deepStrictEqual(states(await ended(answer.run)), ['released']);
  });

  test('a table by holder answers the pooled one free, and not the reverse', async () => {
    const split = await lab.run(study, { rho: '1/120', groupBy: ['holder', 'sex'] });
    await holdAll(split);
    await ended(split);
    const pooled = await lab.start(await lab.query(study, { rho: '1/120', groupBy: ['sex'] }));
    const { run, state } = pooled.json<{ run: string; state: string }>();
    strictEqual(state, 'released');
    const { cells, receipt, id } = await release(run);
    deepStrictEqual(
      cells.map(({ group, value }) => [group, value]),
      [
        [{ sex: 'F' }, 7],
        [{ sex: 'M' }, 7],
        [{ sex: null }, 7],
      ],
    );
    deepStrictEqual([id, receipt.run], [run, split]);
    ok(receipt.source?.cells.some(({ group }) => group['holder'] === 'lu'));
    const reverse = await lab.query(study, { rho: '1/200', groupBy: ['holder', 'sex'] });
    strictEqual((await get(`/v1/queries/${reverse}`)).json<{ released: null }>().released, null);
  });

  test('is taken up again after the sandbox died in the middle', async () => {
    const run = await lab.run(study, { rho: '1/130' });
    const [lu, jp] = holders as [WiredHolder, WiredHolder];
    const dying = jp.hold(study, run, 'contribution');
    const held = lu.hold(study, run);
    await rejects(dying, { code: 'SHUTTING_DOWN' });
    strictEqual((await view(run)).state, 'computing');
    await lab.restart();
    strictEqual((await view(run)).state, 'computing');
    await Promise.all([held, jp.hold(study, run)]);
    strictEqual(states(await ended(run)).at(-1), 'released');
    deepStrictEqual(states(await ended(run)), ['reserving', 'computing', 'sharing', 'released']);
    strictEqual((await release(run)).cells[0]?.value, 7);
  });
});

describe('a run that is refused', () => {
  const exhausted = new Refusal('BUDGET_EXHAUSTED', 'detail', {
    holder: 'lu',
    asked: '1/140',
    spent: '1/11',
    left: '1/200',
  });

  test('for its budget is free, says the numbers, and may be tried again', async () => {
    const query = await lab.query(study, { rho: '1/140' });
    const headers = { 'idempotency-key': 'once' };
    const { run } = (await lab.start(query, headers)).json<{ run: string }>();
    await holders[0]?.refuse(study, run, exhausted);
    await holders[1]?.refuse(study, run, new Refusal('RUN_ABORTED', 'detail'));
    deepStrictEqual(states(await ended(run)), ['reserving', 'refused']);
    deepStrictEqual((await view(run)).problem, {
      type: 'urn:kakehashi:problem:BUDGET_EXHAUSTED',
      title: 'The privacy budget does not cover this release.',
      status: 403,
      instance: run,
      holder: 'lu',
      asked: '1/140',
      spent: '1/11',
      left: '1/200',
    });
    strictEqual((await lab.start(query, headers)).json<{ run: string }>().run, run);
    const again = (await lab.start(query)).json<{ run: string; state: string }>();
    notStrictEqual(again.run, run);
    strictEqual(again.state, 'reserving');
  });

  test('for its key epoch is free, and the next attempt has the epoch that the holder named', async () => {
    const query = await lab.query(study, { rho: '1/139' });
    const { run } = (await lab.start(query)).json<{ run: string }>();
    const ended_ = new Refusal('KEY_EPOCH', 'detail', { holder: 'lu', epoch: 7 });
    await holders[1]?.refuse(study, run, ended_);
    deepStrictEqual(states(await ended(run)), ['reserving', 'refused']);
    const { problem } = await view(run);
    deepStrictEqual([problem?.['holder'], problem?.['epoch']], ['jp', 7]);
    const again = (await lab.start(query)).json<{ run: string }>();
    strictEqual(await holders[1]?.epoch(again.run), 7);
    const listening = ended(again.run);
    await holdAll(again.run);
    strictEqual(states(await listening).at(-1), 'released');
  });

  test('after data may have been touched is incomplete', async () => {
    const run = await lab.run(study, { rho: '1/141' });
    await holders[0]?.refuse(study, run, new Refusal('SHARE_REFUSED', 'detail'), true);
    deepStrictEqual(states(await ended(run)), ['reserving', 'incomplete']);
  });

  test('by a stop is stopped, and so is every later run of the study', async () => {
    const other = await lab.study({ minimumCell: 9 });
    const run = await lab.run(other);
    await holders[1]?.refuse(other, run, new Refusal('STUDY_STOPPED', 'detail'));
    deepStrictEqual(states(await ended(run)), ['reserving', 'stopped']);
    strictEqual(codeOf(await lab.start(await lab.query(other))), 'STUDY_STOPPED');
  });

  test('by nobody but its analyst started, and not with an expired query', async () => {
    const query = await lab.query(study, { rho: '1/143' });
    const path = `/v1/queries/${query}/runs`;
    const steward = lab.keys.steward.get('lu') ?? SigningKey.generate();
    for (const key of [steward, lab.identity('lu'), SigningKey.generate()]) {
      strictEqual(codeOf(await lab.call(key, 'POST', path)), 'FORBIDDEN');
    }
    const body = await lab.call(lab.keys.analyst, 'POST', path, { json: { x: 1 } });
    strictEqual(codeOf(body), 'INVALID_PARAMETER');
    const { now } = lab;
    lab.now = new Date(now.getTime() + 2 * 3_600_000);
    const late = await lab.start(query);
    lab.now = now;
    strictEqual(codeOf(late), 'QUERY_EXPIRED');
    const unknown = await lab.start('0'.repeat(64));
    strictEqual(codeOf(unknown), 'NOT_FOUND');
  });
});

test('what a release does not declare does not leave', async () => {
  const run = await lab.run(study, { rho: '1/160' });
  await holdAll(run);
  await ended(run);
  const plain = await release(run);
  await lab.rewriteRelease(run, {
    ...plain,
    exact: [1, 2],
    cells: plain.cells.map((c) => ({ ...c, exact: 7 })),
  });
  const answer = await get(`/v1/runs/${run}/release`);
  ok(!answer.body.includes('"exact":'));
  deepStrictEqual(answer.json(), plain);
});
