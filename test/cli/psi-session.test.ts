/** Sessions of `kakehashi psi` in one process: files in, the plain computation out, for every output. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { PsiOutput, PsiWish, SessionAnswer } from '../../src/cli/psi-request.ts';
import { runSession } from '../../src/cli/psi-session.ts';
import { type PsiTable, readPsiTable } from '../../src/cli/psi-table.ts';
import { both, ChannelPair } from '../psi/ecdh/channel-pair.ts';
import { smallPaillier } from '../psi/sum/schemes.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { Seeded } from '../support/seeded.ts';

type Row = { readonly id: string; readonly cost: string; readonly days: string };

/** People by number, some of them twice and some without an identifier. */
function people(n: number, seed: string): Row[] {
  const random = new Seeded(seed, 6 * n + 1);
  return Array.from({ length: n }, () => ({
    id: random.chance(5) ? '' : `P-${random.below(Math.max(1, 2 * n))}`,
    cost: random.chance(10) ? '' : `${random.below(1000) - 500}.${random.below(100)}`,
    days: String(random.below(60)),
  }));
}

function table(
  rows: readonly Row[],
  sums: readonly string[] = [],
  text?: string,
): Promise<PsiTable> {
  const file = join(scratch(), 'table.csv');
  writeFileSync(
    file,
    text ?? ['id,cost,days', ...rows.map((r) => `${r.id},${r.cost},${r.days}`)].join('\n'),
  );
  return readPsiTable({ file, encoding: 'auto', column: 'id', sums });
}

/** First rows by identifier. */
const firstRows = (rows: readonly Row[]): Map<string, number> => {
  const first = new Map<string, number>();
  rows.forEach(({ id }, i) => {
    if (id !== '' && !first.has(id)) first.set(id, i);
  });
  return first;
};

const scheme = smallPaillier();

async function session(
  left: PsiTable,
  right: PsiTable,
  output: PsiOutput,
  protocol: PsiWish,
): Promise<[SessionAnswer, SessionAnswer]> {
  const pair = new ChannelPair();
  const run = (side: 'left' | 'right', own: PsiTable): Promise<SessionAnswer> =>
    runSession(pair[side], own, { side, output, protocol }, scheme, systemRng);
  const other = run('right', right);
  const one = await both(run('left', left), other);
  return [one, await other];
}

const pairsOf = ([left, right]: [SessionAnswer, SessionAnswer]): (number | undefined)[][] =>
  [...left.rows!].map((row, i) => [row, right.rows![i]]);

/** Hundredths, exactly. */
const hundredths = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return text === '' ? 0n : BigInt(whole + fraction.padEnd(2, '0'));
};

describe('a session is the plain computation', () => {
  const SIZES: readonly (readonly [number, number])[] = [
    [0, 0],
    [0, 2],
    [2, 0],
    [1, 1],
    [2, 2],
    [64, 64],
    [300, 64],
    [300, 300],
  ];
  for (const [n, m] of SIZES) {
    test(`${n} rows against ${m}`, async () => {
      const [a, b] = [people(n, `left ${n}`), people(m, `right ${m}`)];
      const [left, right] = [await table(a), await table(b)];
      const theirs = firstRows(b);
      const expected = [...firstRows(a)]
        .filter(([id]) => theirs.has(id))
        .map(([id, row]) => [row, theirs.get(id)]);
      for (const protocol of ['vole', 'ecdh'] as const) {
        const answers = await session(left, right, 'set', protocol);
        deepStrictEqual(pairsOf(answers), expected);
        equal(answers[0].protocol, protocol);
      }
      const [counted] = await session(left, right, 'cardinality', 'auto');
      deepStrictEqual([counted.protocol, counted.cardinality], ['ecdh', expected.length]);
      const values = await table(b, ['cost', 'days']);
      const [summed, nothing] = await session(left, values, 'sum', 'auto');
      const total = (of: (row: Row) => bigint): bigint =>
        expected.reduce((sum, [, row]) => sum + of(b[row!]!), 0n);
      const scale = 10n ** BigInt(2 - (values.decimals[0] ?? 0));
      deepStrictEqual(summed.cardinality, expected.length);
      if (left.ids.length > 0 && right.ids.length > 0) {
        deepStrictEqual(
          [summed.sums![0]! * scale, summed.sums![1]],
          [total((r) => hundredths(r.cost)), total((r) => BigInt(r.days))],
        );
      }
      deepStrictEqual(Object.keys(nothing), ['protocol']);
    });
  }

  test('auto: ecdh below 2,000 identifiers a side, vole from there', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ id: `${i}`, cost: '', days: '' }));
    const [full, less] = [await table(many), await table(many.slice(1))];
    equal((await session(full, full, 'set', 'auto'))[0].protocol, 'vole');
    equal((await session(less, full, 'set', 'auto'))[0].protocol, 'ecdh');
  });

  test('parties that want different sessions refuse each other', async () => {
    const own = await table([{ id: '1', cost: '', days: '' }]);
    const pair = new ChannelPair();
    const run = (side: 'left' | 'right', output: PsiOutput): Promise<SessionAnswer> =>
      runSession(pair[side], own, { side, output, protocol: 'auto' }, scheme, systemRng);
    await rejects(both(run('left', 'set'), run('right', 'cardinality')), refusal('PROTOCOL_STATE'));
  });
});

describe('a table', () => {
  test('NFC, trimmed, empty ones dropped, the first of duplicates stands', async () => {
    const text = 'id,cost,days\n Jose\u0301 ,1,1\n,2,2\nJos\u00e9,3,3\n"  ",4,4\nb,5,5\n';
    const read = await table([], ['cost'], text);
    deepStrictEqual(
      [read.rows, read.empty, read.duplicates, read.ids, [...read.places]],
      [5, 2, 1, ['Jos\u00e9', 'b'], [0, 4]],
    );
    deepStrictEqual(read.values, [[1n], [5n]]);
  });

  test('decimals get the scale of their column; an empty value is zero and counted', async () => {
    const read = await table([], ['cost', 'days'], 'id,cost,days\na,-1.5,+2\nb,.5,3\n').catch(
      () => undefined,
    );
    equal(read, undefined);
    const good = await table([], ['cost', 'days'], 'id,cost,days\na,-0.5,+2\nb,10.25,\nc,3,-4\n');
    deepStrictEqual(good.values, [
      [-50n, 2n],
      [1025n, 0n],
      [300n, -4n],
    ]);
    deepStrictEqual(
      [good.decimals, good.blanks],
      [
        [2, 0],
        [0, 1],
      ],
    );
  });

  const refused: readonly [string, string, ErrorCode][] = [
    ['a value that is no number', 'a,1e3,0', 'COHORT_UNREADABLE'],
    ['a decimal comma', 'a,"1,5",0', 'COHORT_UNREADABLE'],
    ['more than 6 decimals', 'a,0.1234567,0', 'PLAINTEXT_RANGE'],
    ['a value over the bound', 'a,50000000001,0', 'PLAINTEXT_RANGE'],
    ['the bound by its decimals', 'a,50000000000,0\nb,0.1,0', 'PLAINTEXT_RANGE'],
  ];
  for (const [name, rows, code] of refused) {
    test(`refused: ${name}`, () =>
      rejects(table([], ['cost'], `id,cost,days\n${rows}\n`), refusal(code)));
  }

  test('refused: more rows than sums are served for; without sums they are read', async () => {
    const rows = Array.from({ length: 20_001 }, (_, i) => ({ id: `${i}`, cost: '1', days: '1' }));
    await rejects(table(rows, ['cost']), refusal('INVALID_PARAMETER'));
    equal((await table(rows)).ids.length, 20_001);
  });
});
