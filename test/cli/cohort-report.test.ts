/** What a holder's staff reads after `cohort load`. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { reportLines } from '../../src/cli/cohort-report.ts';

test('facts, then columns as a table', () => {
  const report = {
    rows: 400,
    people: 398,
    dropped: { nullPerson: 2 },
    columns: [
      { name: 'age', nulls: 1, outOfDomain: 20, unparsable: 3 },
      { name: 'sex', nulls: 0, outOfDomain: 0, unparsable: 0 },
    ],
    epoch: 'abc',
  };
  deepStrictEqual(reportLines(report), [
    'rows     400',
    'people   398',
    'dropped  nullPerson 2',
    'epoch    abc',
    '',
    'column  empty  outside its domain  unreadable',
    '──────  ─────  ──────────────────  ──────────',
    'age         1                  20           3',
    'sex         0                   0           0',
  ]);
  deepStrictEqual(reportLines({ columns: [] }), []);
});

test('of clinical records: what was read, and what to know', () => {
  const report = {
    rows: 9,
    records: { events: 13, withoutDay: 4 },
    read: [{ name: 'PERSON', file: 'PERSON.csv', records: 5, ofUnknownPeople: 0 }],
    warnings: ['CONCEPT_ANCESTOR_MISSING', 'VISIT_OCCURRENCE_MISSING', 'something else'],
  };
  deepStrictEqual(reportLines(report), [
    'rows     9',
    'records  events 13, withoutDay 4',
    '',
    'records  file        read  of unknown people',
    '───────  ──────────  ────  ─────────────────',
    'PERSON   PERSON.csv     5                  0',
    '',
    'note: there is no table CONCEPT_ANCESTOR: a concept counts alone, without those below it',
    'note: there is no table VISIT_OCCURRENCE: nobody has its concepts',
    'note: something else',
  ]);
});
