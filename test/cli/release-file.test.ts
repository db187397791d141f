/** A release as CSV and Arrow: every number arrives, nothing runs in a spreadsheet, nothing is overwritten. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, test } from 'vitest';
import type { ReleaseCell, ReleaseTables } from '../../src/analysis/release-table.ts';
import { releaseArrow } from '../../src/cli/release-arrow.ts';
import { mainTable, releaseColumns } from '../../src/cli/release-columns.ts';
import { releaseCsv } from '../../src/cli/release-csv.ts';
import { printRelease, releaseTarget } from '../../src/cli/release-output.ts';
import type { Release } from '../../src/client/release.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const CELLS: readonly ReleaseCell[] = [
  {
    group: { holder: 'lu', arm: '=SUM(A1)', age: '-5' },
    measure: 'people',
    value: -3,
    unit: '1',
    interval: [-10.5, 4.25],
    noise: 7.5,
    suppressed: false,
  },
  {
    group: { arm: 'a,"b"', age: null },
    measure: 'people',
    value: null,
    unit: '1',
    interval: null,
    noise: 7.5,
    suppressed: true,
  },
];
const NOTHING: ReleaseTables = {
  cells: [],
  curves: [],
  incidences: [],
  estimates: [],
  tests: [],
  disclosure: { minimumCell: 10, rounding: 1, hidden: [] },
};
const RELEASE = {
  ...NOTHING,
  id: 'a'.repeat(64),
  query: { format: 'kakehashi/query/1' },
  cells: CELLS,
  privacy: {
    unit: 'person',
    rho: '1/200',
    epsilon: '1.1',
    attacker: '2.0',
    delta: '1/1000000',
    honestHolders: 1,
    outsider: { rho: '1/400', epsilon: '0.8', attacker: '1.5', law: 'exact' },
  },
  spent: {},
  left: {},
  receipt: { study: 'b'.repeat(64), run: 'a'.repeat(64), plan: '', released: '', holders: [] },
} as unknown as Release;
const csv = (cells: readonly ReleaseCell[]): string =>
  releaseCsv(releaseColumns({ ...NOTHING, cells }, 'cells'));
const ANSWER = { json: { release: 1 }, lines: ['a table'], release: RELEASE };

const written = () => {
  const out: string[] = [];
  const io = { out: (text: string) => out.push(text), err: () => {} } as never;
  return { io, out };
};

describe('CSV', () => {
  test('RFC 4180, formulas disarmed, numbers as they are', () => {
    equal(
      csv(CELLS),
      'holder,arm,age,measure,value,unit,low,high,noise,count,suppressed\r\n' +
        "lu,'=SUM(A1),-5,people,-3,1,-10.5,4.25,7.5,-3,false\r\n" +
        ',"a,""b""",,people,,1,,,7.5,,true\r\n',
    );
  });

  test('whatever begins like a formula is text, also in full-width; a number stays one', () => {
    const fieldOf = (arm: string): string => {
      const row = csv([{ ...CELLS[1], group: { arm } } as ReleaseCell]);
      return row.slice(row.indexOf('\r\n') + 2, row.lastIndexOf(',people'));
    };
    for (const start of ['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']) {
      equal(fieldOf(`${start}cmd|' /C calc'!A0`), `'${start}cmd|' /C calc'!A0`, start);
    }
    equal(fieldOf('\r=1'), `"'\r=1"`);
    equal(fieldOf('=1,"2"'), `"'=1,""2"""`);
    equal(fieldOf('-'), `'-`);
    for (const plain of ['-5', '+5', '-0.25', 'a=b', '60-69', ' =1', '男']) {
      equal(fieldOf(plain), plain, plain);
    }
    // What looks like a number to one program and is a formula to another is none.
    for (const odd of ['-1-1', '-1e5', '+1.', '-.5', '-１']) equal(fieldOf(odd), `'${odd}`, odd);
  });

  test('the name of an axis is disarmed like a value', () => {
    const row = csv([{ ...CELLS[1], group: { '@arm': 'a' } } as ReleaseCell]);
    equal(row.split(',')[0], `'@arm`);
  });

  test('an axis that is called like a column of the cells', () => {
    const cells = [{ ...CELLS[0], group: { unit: 'a', group_unit: 'b' } } as ReleaseCell];
    const names = releaseColumns({ ...NOTHING, cells }, 'cells').map(({ name }) => name);
    deepStrictEqual(names.slice(0, 2), ['group_group_unit', 'group_unit']);
  });

  test('no cells are a header', () => equal(csv([]).split('\r\n').length, 2));
});

describe('Arrow', () => {
  test('comes back with types, nulls and what the numbers mean', () => {
    const table = tableFromIPC(releaseArrow(RELEASE, 'cells'));
    deepStrictEqual(
      table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`),
      [
        ...['holder Utf8', 'arm Utf8', 'age Utf8', 'measure Utf8', 'value Float64', 'unit Utf8'],
        ...['low Float64', 'high Float64', 'noise Float64', 'count Float64', 'suppressed Bool'],
      ],
    );
    deepStrictEqual(
      table.toArray().map((row: { toJSON: () => object }) => row.toJSON()),
      CELLS.map(({ group, measure, value, unit, interval, noise, suppressed }) => ({
        holder: group['holder'] ?? null,
        arm: group['arm'] ?? null,
        age: group['age'] ?? null,
        measure,
        value,
        unit,
        low: interval?.[0] ?? null,
        high: interval?.[1] ?? null,
        noise,
        count: value,
        suppressed,
      })),
    );
    const { metadata } = table.schema;
    equal(metadata.get('kakehashi.study'), 'b'.repeat(64));
    equal(metadata.get('kakehashi.run'), 'a'.repeat(64));
    deepStrictEqual(JSON.parse(metadata.get('kakehashi.privacy') ?? ''), RELEASE.privacy);
    deepStrictEqual(JSON.parse(metadata.get('kakehashi.query') ?? ''), RELEASE.query);
    equal(tableFromIPC(releaseArrow({ ...RELEASE, cells: [] }, 'cells')).numRows, 0);
  });
});

describe('curves and tests', () => {
  const point = {
    time: 6,
    survival: 0.9,
    interval: [0.85, 0.95] as const,
    noise: 0.01,
    atRisk: 100.5,
    events: 10,
    hazard: 0.1,
    hazardInterval: [0.05, null] as const,
  };
  const tables: ReleaseTables = {
    ...NOTHING,
    curves: [
      {
        group: { holder: 'lu', arm: 'A' },
        measure: 'os',
        unit: 'mo',
        points: [point],
        median: null,
        rmst: null,
        count: 100.5,
        suppressed: false,
      },
    ],
    tests: [{ group: {}, measure: 'os', name: 'log-rank', chi2: 1.5, df: 1, p: 0.25 }],
  };
  test('one row a point, one row a test', () => {
    equal(
      releaseCsv(releaseColumns(tables, 'curves')),
      'holder,arm,measure,time,unit,survival,low,high,noise,at_risk,events,hazard,hazard_low,hazard_high\r\n' +
        'lu,A,os,6,mo,0.9,0.85,0.95,0.01,100.5,10,0.1,0.05,\r\n',
    );
    equal(
      releaseCsv(releaseColumns(tables, 'tests')),
      'measure,test,chi2,df,p\r\nos,log-rank,1.5,1,0.25\r\n',
    );
    const arrow = tableFromIPC(releaseArrow({ ...RELEASE, ...tables }, 'curves'));
    deepStrictEqual([arrow.numRows, arrow.get(0)?.['hazard_high']], [1, null]);
  });
  test('estimates and incidences', () => {
    const release: ReleaseTables = {
      ...NOTHING,
      estimates: [
        {
          group: { holder: 'lu' },
          measure: 'model',
          name: 'age',
          value: 0.5,
          unit: '1',
          interval: [0.25, 0.75],
          noise: 0.125,
          p: 0.001,
          suppressed: false,
        },
        {
          group: {},
          measure: 'model',
          name: 'age',
          value: null,
          unit: '1',
          interval: null,
          noise: null,
          p: null,
          suppressed: false,
        },
      ],
      incidences: [
        {
          group: {},
          measure: 'relapse',
          cause: 'death',
          unit: 'mo',
          points: [
            { time: 6, incidence: 0.1, interval: [0, 0.25], noise: 0.01, atRisk: 90, events: 9 },
          ],
          count: 100,
          suppressed: false,
        },
      ],
    };
    equal(
      releaseCsv(releaseColumns(release, 'estimates')),
      'holder,measure,name,value,unit,low,high,noise,p,suppressed\r\n' +
        'lu,model,age,0.5,1,0.25,0.75,0.125,0.001,false\r\n' +
        ',model,age,,1,,,,,false\r\n',
    );
    equal(
      releaseCsv(releaseColumns(release, 'incidences')),
      'measure,cause,time,unit,incidence,low,high,noise,at_risk,events\r\n' +
        'relapse,death,6,mo,0.1,0,0.25,0.01,90,9\r\n',
    );
    equal(mainTable({ ...NOTHING, estimates: release.estimates }), 'estimates');
    equal(mainTable({ ...NOTHING, incidences: release.incidences }), 'incidences');
  });
  test('a release of curves alone is written as curves', () => {
    equal(mainTable(tables), 'curves');
    equal(mainTable(RELEASE), 'cells');
  });
  test('--table is for flat formats', async () => {
    await rejects(releaseTarget({ table: 'tests' }), refusal('USAGE'));
    deepStrictEqual(await releaseTarget({ format: 'csv', table: 'tests' }), {
      format: 'csv',
      table: 'tests',
    });
  });
});

describe('where it goes', () => {
  test('stdout, or a new file', async () => {
    for (const [flags, text] of [
      [{}, 'a table\n'],
      [{ json: true }, '{"release":1}\n'],
      [{ format: 'json' }, '{"release":1}\n'],
      [{ format: 'csv' }, csv(CELLS)],
    ] as const) {
      const { io, out } = written();
      await printRelease(io, ANSWER, await releaseTarget(flags));
      deepStrictEqual(out, [text]);
      const file = path.join(scratch(), 'out');
      await printRelease(io, ANSWER, await releaseTarget({ ...flags, out: file }));
      equal(readFileSync(file, 'utf8'), text);
    }
    const file = path.join(scratch(), 'out.arrow');
    const { io, out } = written();
    await printRelease(io, ANSWER, await releaseTarget({ format: 'arrow', out: file }));
    deepStrictEqual(out, [`${file}\n`]);
    equal(tableFromIPC(readFileSync(file)).numRows, 2);
  });

  test('refused before a query runs', async () => {
    const file = path.join(scratch(), 'there');
    writeFileSync(file, '');
    await rejects(releaseTarget({ format: 'csv', out: file }), refusal('FILE_EXISTS'));
    await rejects(releaseTarget({ format: 'arrow' }), refusal('USAGE'));
    await rejects(releaseTarget({ format: 'csv', json: true }), refusal('USAGE'));
  });

  test('a query that was not released has no cells', async () => {
    const { json, lines } = ANSWER;
    const printing = printRelease(written().io, { json, lines }, { format: 'csv' });
    await rejects(printing, refusal('NOT_FOUND'));
  });
});
