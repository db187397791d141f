/**
 * Releases of one histogram by real processes, over HTTP, against the exact law of what is released: a
 * pooled cell is the exact count and the sum of two shares of discrete Gaussian noise. Chi-square of every
 * cell, of all cells together, and of the sums of neighbouring cells and of neighbouring releases, which are
 * convolutions if the noise is independent; alpha = 1e-6 each. σ² is 4 a share.
 *
 * Every query leaves out another set of codes that nobody has, so that it is another release of the same
 * counts. An answer that a holder gave late is zeros and noise (rulings 13): it stands in that holder's log,
 * is left out here, and there may be few.
 *
 * 500 of them, three minutes of two idle cores; for the two thousand, a quarter of an hour:
 *
 *     RELEASES=2000 npm run test:slow -- test/e2e/released-law.stat.slow.test.ts
 *
 * Controls, 200 releases each, by the same processes: a study that counts on two honest holders, so that each
 * adds half the variance, and queries of so large a price that there is no noise.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { KakehashiClient, loadKey } from '../../src/client/client.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { convolve, gaussianSharesLaw } from '../../src/dp/mechanism/gaussian-law.ts';
import { termsOf } from '../../src/flows/study-terms.ts';
import { rejects } from '../dp/chi-square.ts';
import { Institutions } from '../support/institutions.ts';

const RELEASES = Number(process.env['RELEASES'] ?? '500');
const CONTROLS = 200;
/** Queries under way at once: a holder answers at a deadline of some seconds. */
const AT_ONCE = 32;
const LATE = 0.05;
const PRICE = '1/8';
const LAW = gaussianSharesLaw(4, 2);
/** Half of that price buys twice the variance. */
const WIDER = gaussianSharesLaw(8, 2);

const USED = ['a', 'b', 'c', 'd'];
/** Codes in the domain that no row has: 2^11 sets of them. */
const UNUSED = Array.from({ length: 11 }, (_, i) => `u${i}`);

const csv = (counts: readonly number[]): string => {
  const codes = counts.flatMap((n, i) => Array<string>(n).fill(USED[i] ?? ''));
  return `patient_id,code\n${codes.map((code, i) => `${i},${code}\n`).join('')}`;
};
const COUNTS = { lu: [30, 5, 0, 12], jp: [21, 40, 3, 0] };
const EXACT = COUNTS.lu.map((n, i) => n + (COUNTS.jp[i] ?? 0));

const draft = (honestHolders: number): Record<string, unknown> => ({
  honestHolders,
  operations: ['histogram'],
  cohort: {
    person: 'patient_id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    // A deadline of four seconds, so that a loaded machine is seldom late.
    declaredSize: { lu: 800_000, jp: 800_000 },
    nulls: [''],
    columns: { code: { type: 'category', domain: [...USED, ...UNUSED] } },
  },
});

const query = (index: number, rho: string): Json => ({
  format: 'kakehashi/query/1',
  where: {
    all: [{ not: { column: 'code', in: UNUSED.filter((_, i) => ((index + 1) >> i) & 1) } }],
  },
  measures: [{ name: 'codes', histogram: 'code' }],
  rho,
});

type Released = readonly number[];

/** Of the codes that are in use, what is released less what is so; releases that were late are left out. */
async function releases(party: Institutions, count: number, rho: string): Promise<Released[]> {
  const key = await loadKey(party.at('keys', 'ana.pem'));
  const client = new KakehashiClient({ sandbox: party.url, key });
  const { study } = await client.study(party.study);
  const found = new Map<string, Released>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const asked = query(next++, rho);
      const { query: id } = await client.submitQuery(study, asked);
      const { run } = await client.run(id);
      const { cells } = await client.waitForRelease(run, { study, asked, timeoutSeconds: 300 });
      const noise = USED.map((code, i) => {
        const cell = cells.find(({ group }) => group['code'] === code);
        return (cell?.value ?? Number.NaN) - (EXACT[i] ?? 0);
      });
      found.set(compileQuery(termsOf(study), asked).queryKey, noise);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await client.close();
  const late = party.names.flatMap((name) =>
    readFileSync(party.log(name), 'utf8')
      .split('\n')
      .filter((line) => line.includes('zeros plus noise'))
      .map((line) => String((JSON.parse(line) as { query?: unknown }).query)),
  );
  for (const key of late) found.delete(key);
  ok(found.size >= count * (1 - LATE), `${late.length} of ${count} were late`);
  return [...found.values()];
}

/** The names of the tests that reject. */
function rejected(found: readonly Released[], law = LAW): string[] {
  const cell = (of: Released, i: number): number => of[i] ?? Number.NaN;
  const two = convolve(law, law);
  const pairs = found
    .filter((_, i) => i % 2 === 1)
    .flatMap((own, i) => USED.map((_, c) => cell(own, c) + cell(found[2 * i] ?? [], c)));
  const tests: [string, boolean][] = [
    ...USED.map((code, i): [string, boolean] => [
      code,
      rejects(
        found.map((own) => cell(own, i)),
        law,
      ),
    ]),
    ['all', rejects(found.flat(), law)],
    [
      'neighbouring cells',
      rejects(
        found.map((own) => cell(own, 0) + cell(own, 1)),
        two,
      ),
    ],
    ['neighbouring releases', rejects(pairs, two)],
  ];
  return tests.filter(([, no]) => no).map(([name]) => name);
}

const opened = async (honestHolders: number): Promise<Institutions> => {
  const party = new Institutions();
  await party.open({
    rho: '100000000/1',
    csv: { lu: csv(COUNTS.lu), jp: csv(COUNTS.jp) },
    draft: draft(honestHolders),
    settings: { requestsPerMinute: 10_000_000, logLevel: 'error' },
  });
  return party;
};

test('releases have the exact law; no noise is found', async () => {
  const party = await opened(1);
  const start = performance.now();
  const found = await releases(party, RELEASES, PRICE);
  const seconds = (performance.now() - start) / 1000;
  console.log(`${found.length} releases in ${seconds.toFixed(0)} s`);
  deepStrictEqual(rejected(found), []);
  const none = await releases(party, CONTROLS, '1000/1');
  deepStrictEqual(new Set(none.flat()), new Set([0]), 'the exact counts');
  ok(rejected(none).length === 7, 'control: no noise');
}, 3_600_000);

test('control: half shares are found', async () => {
  const party = await opened(2);
  const found = await releases(party, CONTROLS, '1/16');
  // What two whole shares of 1/16 are, and what half shares of it are.
  ok(rejected(found, WIDER).includes('all'), 'control: half shares');
  deepStrictEqual(rejected(found), []);
}, 1_200_000);
