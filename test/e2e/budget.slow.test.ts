/**
 * `kakehashi budget` beside a running holder, as a steward reads it: three queries, what each cost and what it tells a
 * colluding holder and an outsider, in words, as a report, as CSV and as Arrow.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { command, Institutions, json, QUERY } from '../support/institutions.ts';

type View = { rho: string; epsilon: string; attacker: string; law?: string };
type Query = {
  words: string;
  price: string;
  charged: boolean;
  colluder: View;
  outsider: View;
};

test('what a steward reads of three queries', async () => {
  const here = new Institutions();
  await here.open({ draft: { operations: ['count', 'mean'] } });
  const pooled = { ...QUERY, groupBy: ['sex'], rho: '1/50' };
  const mean = { ...QUERY, groupBy: [], measures: [{ name: 'm', mean: 'age' }], rho: '1/25' };
  for (const query of [QUERY, pooled, mean]) {
    const { code, err } = await here.ask(query);
    strictEqual(code, 0, err);
  }
  const data = ['--data', here.data('lu')];
  const history = (await json(['budget', 'history', ...data])) as unknown as { queries: Query[] };
  const at = (price: string): Query => {
    const found = history.queries.find((query) => query.price === price);
    if (found === undefined) throw new Error(`no query at ${price}`);
    return found;
  };
  deepStrictEqual(
    ['1/100', '1/50', '1/25'].map((price) => [at(price).outsider.law, at(price).charged]),
    [
      ['exact', true],
      ['exact', true],
      ['exact', true],
    ],
  );
  // By holder an outsider sees what a colluder sees; of a pooled table less.
  strictEqual(at('1/100').outsider.attacker, at('1/100').colluder.attacker);
  ok(Number(at('1/50').outsider.epsilon) < Number(at('1/50').colluder.epsilon) / 1.3);
  ok(Number(at('1/50').outsider.attacker) < Number(at('1/50').colluder.attacker));

  const text = (await command(['budget', 'history', ...data])).out;
  match(
    text,
    /a colluding holder: epsilon [\d.]+, finds [\d.]+ of 100; an outsider: [\d.]+, [\d.]+ \(exact\)/,
  );
  match(text, /an outsider: [\d.]+, [\d.]+ \(bound\)/);
  const shown = (await command(['budget', 'show', ...data])).out;
  match(shown, /7\/100/);

  const report = (await command(['budget', 'export', '--format', 'report', ...data])).out;
  match(report, /^## Queries$/m);
  match(report, /finds? |of 100/);
  const csv = (await command(['budget', 'export', '--format', 'csv', ...data])).out;
  const [head = '', ...rows] = csv.trim().split(/\r?\n/);
  ok(head.includes('outsider_epsilon') && head.endsWith('outsider_law'));
  strictEqual(rows.length, 3);
  const out = here.at('budget.arrow');
  const exported = await command(['budget', 'export', '--format', 'arrow', '--out', out, ...data]);
  strictEqual(exported.code, 0, exported.err);
  strictEqual(readFileSync(out).subarray(0, 6).toString(), 'ARROW1');
}, 300_000);
