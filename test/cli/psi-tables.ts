/** Tables of people for sessions of `kakehashi psi` in one process, and the plain computation of every output. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRng } from '../../src/base/rng.ts';
import type { PsiOutput, PsiWish, SessionAnswer } from '../../src/cli/psi-request.ts';
import { runSession } from '../../src/cli/psi-session.ts';
import { type PsiTable, readPsiTable } from '../../src/cli/psi-table.ts';
import { both, ChannelPair } from '../psi/ecdh/channel-pair.ts';
import { smallPaillier } from '../psi/sum/schemes.ts';
import { scratch } from '../support/scratch.ts';
import { Seeded } from '../support/seeded.ts';

export type Row = { readonly id: string; readonly cost: string; readonly days: string };

/** People by number, some of them twice and some without an identifier. */
export function people(n: number, seed: string): Row[] {
  const random = new Seeded(seed, 6 * n + 1);
  return Array.from({ length: n }, () => ({
    id: random.chance(5) ? '' : `P-${random.below(Math.max(1, 2 * n))}`,
    cost: random.chance(10) ? '' : `${random.below(1000) - 500}.${random.below(100)}`,
    days: String(random.below(60)),
  }));
}

export function table(
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

export const scheme = smallPaillier();

export async function session(
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

type Pairs = readonly (readonly [number, number])[];

/** Rows of both tables whose identifier is the same, by looking. */
function plainPairs(a: readonly Row[], b: readonly Row[]): Pairs {
  const theirs = firstRows(b);
  return [...firstRows(a)].flatMap(([id, row]): [number, number][] => {
    const other = theirs.get(id);
    return other === undefined ? [] : [[row, other]];
  });
}

export type Protocol = 'vole' | 'ecdh';

/** A set by each of `protocols` is the plain one. */
export async function setsArePlain(
  a: readonly Row[],
  b: readonly Row[],
  protocols: readonly Protocol[],
): Promise<void> {
  const [left, right] = [await table(a), await table(b)];
  const expected = plainPairs(a, b);
  for (const protocol of protocols) {
    const answers = await session(left, right, 'set', protocol);
    deepStrictEqual(pairsOf(answers), expected, `${protocol}, ${a.length} and ${b.length} rows`);
    equal(answers[0].protocol, protocol);
  }
}

/** So are the cardinality and both sums, of which the right party learns nothing. */
export async function countsArePlain(a: readonly Row[], b: readonly Row[]): Promise<void> {
  const [left, right] = [await table(a), await table(b)];
  const expected = plainPairs(a, b);
  const [counted] = await session(left, right, 'cardinality', 'auto');
  deepStrictEqual([counted.protocol, counted.cardinality], ['ecdh', expected.length]);
  const values = await table(b, ['cost', 'days']);
  const [summed, nothing] = await session(left, values, 'sum', 'auto');
  const total = (of: (row: Row) => bigint): bigint =>
    expected.reduce((sum, [, row]) => sum + of(b[row]!), 0n);
  const scale = 10n ** BigInt(2 - (values.decimals[0] ?? 0));
  deepStrictEqual(summed.cardinality, expected.length);
  if (left.ids.length > 0 && right.ids.length > 0) {
    deepStrictEqual(
      [summed.sums![0]! * scale, summed.sums![1]],
      [total((r) => hundredths(r.cost)), total((r) => BigInt(r.days))],
    );
  }
  deepStrictEqual(Object.keys(nothing), ['protocol']);
}
