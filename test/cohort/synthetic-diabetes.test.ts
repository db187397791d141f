/** The synthetic cohorts: same bytes for a seed, every column in its domain. */
import { deepStrictEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import {
  type Country,
  REFERENCE_YEAR,
  syntheticDiabetes,
  type SyntheticDiabetes,
} from '../../src/cohort/synthetic-diabetes.ts';
import { refusal } from '../support/refusal.ts';

const COUNTRIES: readonly Country[] = ['LU', 'JP'];
const PEOPLE = 20_000;

const text = (options: SyntheticDiabetes): string => [...syntheticDiabetes(options)].join('');

/** column → its values, in order. */
function columns(options: SyntheticDiabetes): Record<string, string[]> {
  const [header = '', ...lines] = text(options).trimEnd().split('\n');
  const rows = lines.map((line) => line.split(','));
  return Object.fromEntries(
    header.split(',').map((name, i) => [name, rows.map((r) => r[i] ?? '!')]),
  );
}

describe('reproducible', () => {
  test('the bytes for a seed are pinned, on every machine', () => {
    const digest = (country: Country): string =>
      sha256Hex(utf8(text({ country, people: 5000, seed: 'kakehashi' })));
    deepStrictEqual(
      [digest('LU'), digest('JP')],
      [
        '8fd9dc7686da12f56ddf6ea3be392d1546e0319673e7edd8c52bd478a13d7ab5',
        'ea7b9a466541e4ef265c0218688cadc596e13c82a984f50b956ecac678dfbf3b',
      ],
    );
  });

  test('a text and its bytes are the same seed; the caller keeps its bytes', () => {
    const seed = utf8('one');
    equal(
      text({ country: 'LU', people: 10, seed }),
      text({ country: 'LU', people: 10, seed: 'one' }),
    );
    deepStrictEqual(seed, utf8('one'));
  });

  test('another seed or country gives other people', () => {
    const ages = (country: Country, seed: string): string =>
      (columns({ country, people: 50, seed })['age'] ?? []).join();
    notEqual(ages('LU', 'a'), ages('LU', 'b'));
    notEqual(ages('LU', 'a'), ages('JP', 'a'));
  });

  test('a smaller cohort is the front of a larger one, also over a block', () => {
    const large = text({ country: 'JP', people: 9000, seed: 's' });
    for (const people of [1, 4096, 4097]) {
      ok(large.startsWith(text({ country: 'JP', people, seed: 's' })));
    }
  });

  test('is lazy: ten million people cost nothing until they are asked for', () => {
    const start = process.hrtime.bigint();
    const lines = syntheticDiabetes({ country: 'LU', people: 9_999_999, seed: 's' });
    lines.next();
    ok(String(lines.next().value).startsWith('LU-SYN-0000001,'));
    ok(process.hrtime.bigint() - start < 500_000_000n);
  });
});

describe.each(COUNTRIES)('%s', (country) => {
  const cohort = columns({ country, people: PEOPLE, seed: 'domains' });
  const hba1c = country === 'LU' ? 'hba1c_ifcc' : 'hba1c';
  const missing = country === 'LU' ? '' : 'NA';

  test('columns and identifiers', () => {
    deepStrictEqual(Object.keys(cohort), [
      ...['patient_id', 'sex', 'age', 'diagnosis_year', hba1c, 'bmi', 'insulin', 'complications'],
    ]);
    const ids = cohort['patient_id'] ?? [];
    equal(new Set(ids).size, PEOPLE);
    ok(ids.every((id) => new RegExp(`^${country}-SYN-\\d{7}$`).test(id)));
  });

  const DOMAIN: Record<string, (value: string) => boolean> = {
    sex: (v) => /^[FMU]$/.test(v),
    age: (v) => /^\d+$/.test(v) && ((+v >= 18 && +v <= 100) || v === '999'),
    diagnosis_year: (v) => /^\d{4}$/.test(v) && +v <= REFERENCE_YEAR && +v >= REFERENCE_YEAR - 45,
    [hba1c]: (v) =>
      v === missing ||
      v === 'haemolysed' ||
      (country === 'LU'
        ? /^\d+$/.test(v) && +v >= 26 && +v <= 141
        : /^\d+\.\d$/.test(v) && +v >= 4.6 && +v <= 14.5),
    bmi: (v) => v === missing || (/^\d\d\.\d$/.test(v) && +v >= 14 && +v <= 56),
    insulin: (v) => ['yes', 'no', missing].includes(v),
    complications: (v) => ['none', 'eye', 'kidney', 'nerve', 'foot', 'other', missing].includes(v),
  };
  for (const [column, inDomain] of Object.entries(DOMAIN)) {
    test(`${column} is in its domain, and control: a spoilt value is not`, () => {
      deepStrictEqual(
        cohort[column]?.filter((value) => !inDomain(value)),
        [],
      );
      equal(inDomain('spoilt'), false);
    });
  }

  test('nobody was diagnosed before 15', () => {
    const ages = cohort['age'] ?? [];
    const years = cohort['diagnosis_year'] ?? [];
    ok(ages.every((age, i) => age === '999' || +age - (REFERENCE_YEAR - +(years[i] ?? 0)) >= 15));
  });

  test('each fault is there, and rare; a row has one at most', () => {
    const count = (column: string, value: string): number =>
      (cohort[column] ?? []).filter((v) => v === value).length;
    const faults = [
      [count(hba1c, missing), 0.03],
      [count('bmi', missing), 0.05],
      [count('insulin', missing), 0.01],
      [count('complications', missing), 0.04],
      [count('sex', 'U'), 0.003],
      [count('age', '999'), 0.001],
      [count(hba1c, 'haemolysed'), 0.003],
      [count('complications', 'other'), 0.003],
    ] as const;
    for (const [found, share] of faults) {
      // Six standard deviations of a binomial; the seed is fixed, so this cannot flicker.
      ok(Math.abs(found - share * PEOPLE) < 6 * Math.sqrt(share * PEOPLE), `${found} of ${share}`);
    }
  });
});

describe('refuses', () => {
  const good: SyntheticDiabetes = { country: 'LU', people: 1, seed: 's' };
  const bad: Record<string, Partial<SyntheticDiabetes>> = {
    nobody: { people: 0 },
    'half a person': { people: 1.5 },
    'more than the identifiers count': { people: 10_000_000 },
    'an empty seed': { seed: '' },
    'empty seed bytes': { seed: new Uint8Array(0) },
    'another country': { country: 'FR' as Country },
  };
  for (const [name, change] of Object.entries(bad)) {
    test(name, () => throws(() => text({ ...good, ...change }), refusal('INVALID_PARAMETER')));
  }
});
