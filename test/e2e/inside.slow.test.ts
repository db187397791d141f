/**
 * What is chosen inside one holder, by the shipped command: on real patients, against plain counts of the same
 * file; and over a kill, with the other holder away.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { CANARY } from '../support/canary.ts';
import { cohortOf, command, Institutions } from '../support/institutions.ts';
import { scratch } from '../support/scratch.ts';
import { sharedData } from '../support/shared-data.ts';
import { studyDraft, studyKeys } from '../support/study.ts';

type Cell = { readonly group: Record<string, string | null>; readonly value: number };
type Released = {
  readonly release: {
    readonly cells: readonly Cell[];
    readonly estimates: readonly { readonly name: string; readonly value: number }[];
    readonly receipt: {
      readonly holders: readonly { readonly attestation: { charged: boolean } }[];
    };
  };
};
const released = (out: string): Released['release'] => (JSON.parse(out) as Released).release;
const labels = (cells: readonly Cell[], column: string): (string | null)[] =>
  cells.flatMap(({ group }) => (column in group ? [group[column] ?? null] : []));

const UCI = sharedData('diabetes/uci_diabetes130_rows00001-20000.csv');

/** Rows of a patient number that is odd, or even, by name. */
function half(odd: boolean): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(UCI ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  const names = header.split(',');
  const rows = lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  });
  return rows.filter((row) => (Number(row['patient_nbr']) % 2 === 1) === odd);
}

/** How many patients have each value in any of their encounters. */
function people(rows: readonly Record<string, string>[], column: string): Map<string, number> {
  const seen = new Map<string, Set<string>>();
  for (const row of rows) {
    const value = row[column] ?? '';
    seen.set(value, (seen.get(value) ?? new Set()).add(row['patient_nbr'] ?? ''));
  }
  return new Map([...seen].map(([value, own]) => [value, own.size]));
}

describe.skipIf(UCI === undefined)('UCI diabetes, 7,600 patients of one holder', () => {
  test('specialties and diagnoses, as table and as CSV', async () => {
    const root = scratch();
    const [lu, jp] = [half(true), half(false)];
    const domain = [...people([...lu, ...jp], 'medical_specialty').keys()].filter((x) => x !== '?');
    const columns = ['patient_nbr', 'medical_specialty', 'diag_1'];
    const file = (name: string, rows: readonly Record<string, string>[]): void => {
      const lines = rows.map((row) => columns.map((column) => row[column]).join());
      writeFileSync(path.join(root, name), [columns.join(), ...lines].join('\n'));
    };
    file('lu.csv', lu);
    file('jp.csv', jp);
    const draft = studyDraft(studyKeys(['lu', 'jp']), {
      minimumCell: 10,
      cohort: {
        person: 'patient_nbr',
        declaredSize: { lu: 10_000, jp: 10_000 },
        columns: {
          medical_specialty: { type: 'category', domain: domain.sort() },
          diag_1: { type: 'number', min: 0, max: 1000, step: '1/100' },
        },
      },
    });
    const at = (name: string): string => path.join(root, name);
    writeFileSync(at('study.json'), JSON.stringify(draft));
    const query = {
      format: 'kakehashi/query/1',
      holders: ['lu'],
      measures: [
        { name: 'specialties', top: { column: 'medical_specialty', k: 3 } },
        { name: 'diagnoses', keys: { column: 'diag_1', delta: '1/10000000' } },
      ],
      rho: '1/10',
    };
    writeFileSync(at('query.json'), JSON.stringify(query));
    const argv = ['run', '--study', at('study.json'), '--query', at('query.json')];
    argv.push('--holder', `lu=${at('lu.csv')}`, '--holder', `jp=${at('jp.csv')}`);

    const shown = await command(argv);
    strictEqual(shown.code, 0, shown.err);
    // Far apart: 1,740, 1,216 and 766 encounters.
    match(shown.out, /1\. InternalMedicine, 2\. Family\/GeneralPractice, 3\. Cardiology/);
    match(shown.out, /price: rho 1\/10 \(0\.1\) at lu$/m);
    match(shown.out, /Chosen at random inside lu/);
    match(shown.out, /^attested by lu;/m);

    const csv = await command([...argv, '--format', 'csv']);
    strictEqual(csv.code, 0, csv.err);
    const codes = csv.out.split('\n').flatMap((line) => {
      const code = /diagnoses,1,/.test(line)
        ? line.split(',').find((x) => /^\d+(\.\d+)?$/.test(x))
        : undefined;
      return code === undefined ? [] : [code];
    });
    // One row of a patient counts: nobody has a diagnosis that is in none of their rows.
    const counted = people(lu, 'diag_1');
    ok(codes.length > 10, csv.out);
    ok(
      codes.every((code) => (counted.get(code) ?? 0) >= 10),
      codes.join(),
    );
    ok(codes.includes('414') && codes.includes('428'));
  }, 240_000);
});

const rows = (name: string): string =>
  [
    'patient_id,icd',
    ...Array.from({ length: 60 }, (_, i) => `${CANARY}-${name}${i},${i < 40 ? 'E11' : 'I10'}`),
    `${CANARY}-${name}-lone,N18`,
  ].join('\n');

const OPTIONS = {
  csv: { lu: rows('lu'), jp: rows('jp') },
  rho: '100/1',
  draft: {
    cohort: cohortOf({ icd: { type: 'category', domain: ['E10', 'E11', 'I10', 'N18'] } }),
    operations: ['count', 'top', 'keys'],
  },
};

const QUERY = {
  format: 'kakehashi/query/1',
  holders: ['lu'],
  measures: [
    { name: 'often', top: { column: 'icd', k: 2 } },
    { name: 'codes', keys: { column: 'icd', delta: '1/10000000' } },
  ],
  rho: '20/1',
};

test('killed after touching data, the other holder away: one charge, the same again for nothing', async () => {
  const here = new Institutions();
  await here.prepare(OPTIONS);
  await here.sandbox();
  const [lu, jp] = await Promise.all([here.holder('lu', 'ledger/touch'), here.holder('jp')]);
  await here.submit();
  await Promise.all(here.names.map((name) => here.load(name)));
  // Nothing of this query is the other one's business but its line under the log, which it may add later.
  await jp.kill('SIGTERM');
  const asked = here.ask(QUERY, 120);
  strictEqual(await lu.gone, 'SIGKILL');
  await here.holder('lu');
  const first = await asked;
  strictEqual(first.code, 0, first.err);
  const { cells, estimates } = released(first.out);
  deepStrictEqual(labels(cells, 'icd').slice(0, 2), ['E11', 'I10']);
  ok(!labels(cells.slice(2), 'icd').includes('N18'));
  deepStrictEqual(
    estimates.map(({ name, value }) => [name, value]),
    [['values shown', cells.length - 2]],
  );

  const again = await here.ask(QUERY);
  deepStrictEqual(released(again.out).cells, cells);
  const { spent } = await here.ledger('lu');
  deepStrictEqual(spent, { rho: '20/1', delta: '1/10000000' });

  const budget = (what: string) =>
    command(['budget', what, '--study', here.study, '--data', here.data('lu')]);
  const report = await budget('show');
  strictEqual(report.code, 0, report.err);
  const history = await budget('history');
  strictEqual(history.code, 0, history.err);
  match(history.out, /names the 2 with the most/);

  const two = await here.ask({ ...QUERY, holders: ['lu', 'jp'] });
  strictEqual(two.code, 2);
  match(two.out, /INSIDE_ONE_HOLDER/);
}, 240_000);
