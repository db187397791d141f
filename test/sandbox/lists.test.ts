/** Lists in pages, and nothing of them that somebody else's list says. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import type { Study } from '../../src/flows/study-terms.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
type Page = {
  queries: { query: string; analyst: string; asked: { rho: string } }[];
  next: string | null;
};

const get = (path: string) => lab.call(lab.keys.analyst, 'GET', path);
const queriesOf = async (study: Study, search = '') =>
  (await get(`/v1/studies/${study.id}/queries${search}`)).json<Page>();

test('a list is read page by page, to its end, in the order of ids', async () => {
  const study = await lab.study({ rho: '1/2' });
  const ids: string[] = [];
  for (const rho of ['1/200', '1/201', '1/202', '1/203', '1/204']) {
    ids.push(await lab.query(study, { rho }));
  }
  const seen: string[] = [];
  let pages = 0;
  for (let next: string | null = ''; next !== null; pages += 1) {
    const { queries, next: behind }: Page = await queriesOf(
      study,
      `?limit=2${next === '' ? '' : `&cursor=${next}`}`,
    );
    seen.push(...queries.map(({ query }) => query));
    next = behind;
  }
  deepStrictEqual(seen, [...ids].sort());
  strictEqual(pages, 3);
  const all = await queriesOf(study);
  strictEqual(all.next, null);
  strictEqual(all.queries[0]?.analyst, lab.keys.analyst.publicText);
  deepStrictEqual(all.queries.map(({ asked }) => asked.rho).sort(), [
    '1/200',
    '1/201',
    '1/202',
    '1/203',
    '1/204',
  ]);

  const run = await lab.run(study);
  const runs = (await get(`/v1/studies/${study.id}/runs`)).json<{ runs: object[]; next: null }>();
  const query = (await get(`/v1/runs/${run}`)).json<{ query: string }>().query;
  deepStrictEqual(runs, { runs: [{ run, query, state: 'reserving' }], next: null });
});

test('the list of another study has nothing of this one', async () => {
  const study = await lab.study({ rho: '1/3' });
  deepStrictEqual(await queriesOf(study), { queries: [], next: null });
});

test('a page that is none is refused', async () => {
  for (const search of [
    'limit=0',
    'limit=201',
    'limit=1e1',
    'cursor=x',
    'offset=1',
    'limit=1&limit=2',
  ]) {
    strictEqual(codeOf(await get(`/v1/studies?${search}`)), 'INVALID_PARAMETER', search);
  }
});
