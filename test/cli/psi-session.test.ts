/** Sessions of `kakehashi psi` in one process: files in, the plain computation out, for every output. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { PsiOutput, SessionAnswer } from '../../src/cli/psi-request.ts';
import { runSession } from '../../src/cli/psi-session.ts';
import { both, ChannelPair } from '../psi/ecdh/channel-pair.ts';
import { refusal } from '../support/refusal.ts';
import { countsArePlain, people, scheme, session, setsArePlain, table } from './psi-tables.ts';

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
      await setsArePlain(a, b, ['vole', 'ecdh']);
      await countsArePlain(a, b);
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
