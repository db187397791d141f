/** What is chosen inside one holder, through the whole flow in one process. */
import { deepStrictEqual, notDeepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { refusal } from '../support/refusal.ts';

const genuine = () => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);

const COHORT: Record<string, Json> = {
  declaredSize: { lu: 500, jp: 500 },
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    icd: { type: 'category', domain: ['E10', 'E11', 'I10', 'J45', 'N18'] },
    code: { type: 'integer', min: 0, max: 2 ** 40 },
  },
};

/** So many people with each diagnosis; the last ones have a code that nobody shares. */
function rows(counts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counts).flatMap(([icd, n]) =>
    Array.from(
      { length: n },
      (_, i) =>
        `${icd}-${i},${i % 2 === 0 ? 'F' : 'M'},${icd},${icd.charCodeAt(1) * 1000 + Number(icd.slice(1))}`,
    ),
  );
  return ['patient_id,sex,icd,code', ...lines, `lone,F,N18,${2 ** 39}`].join('\n');
}

const LU = rows({ E10: 20, E11: 90, I10: 60, J45: 3 });
const JP = rows({ N18: 100 });

const TOP = { name: 'often', top: { column: 'icd', k: 3 } };
const KEYS = { name: 'codes', keys: { column: 'code', delta: '1/10000000' } };

const open = () =>
  PooledLab.open(
    { lu: LU, jp: JP },
    { cohort: COHORT, rho: '100/1', delta: '1/100', minimumCell: 10 },
  );

const chosen = ({ cells }: ReleaseBody, measure: string, column: string) =>
  cells
    .filter((cell) => cell.measure === measure)
    .map(({ group, value }) => [group[column], value]);

describe('inside one holder', () => {
  test('the best labels and the values that enough people have', async () => {
    using lab = await open();
    const query = { holders: ['lu'], measures: [TOP, KEYS], rho: '20/1' };
    const { body, attestations } = await lab.release(query, genuine());
    deepStrictEqual(chosen(body, 'often', 'icd'), [
      ['E11', 1],
      ['I10', 2],
      ['E10', 3],
    ]);
    const codes = chosen(body, 'codes', 'code');
    // Three of J45, and the one who has a code of their own, are never shown.
    deepStrictEqual(
      codes,
      [
        ['49010', 1],
        ['49011', 1],
        ['73010', 1],
      ].filter(([code]) => codes.some(([own]) => own === code)),
    );
    ok(codes.length >= 2);
    ok(
      body.cells.every(
        ({ group, interval, noise }) =>
          group['holder'] === 'lu' && interval === null && noise === null,
      ),
    );
    strictEqual(body.estimates[0]?.value, codes.length);
    deepStrictEqual(
      attestations.map(({ attestation }) => [
        attestation.holder,
        attestation.format,
        attestation.law.name,
      ]),
      [['lu', 'kakehashi/attestation/2', 'chosen']],
    );
    strictEqual(body.privacy.delta, '100001/10000000');
    strictEqual(body.privacy.outsider.rho, '20/1');
  });

  test('nothing of it reaches the other holder, or is encrypted', async () => {
    using lab = await open();
    await lab.release({ holders: ['lu'], measures: [TOP], rho: '1/10' }, genuine());
    const kinds = new Set(lab.network.transcript.map(({ from, kind }) => `${from} ${kind}`));
    // The other one co-signs the log, as always.
    deepStrictEqual(
      [...kinds].filter((kind) => !kind.startsWith('lu ')),
      ['jp cosignature'],
    );
    ok(!kinds.has('lu share') && !kinds.has('lu mask-key'));
  });

  test('charged with its delta at this holder only; again it is free and the same', async () => {
    using lab = await open();
    const query = {
      holders: ['lu'],
      measures: [{ ...TOP, top: { column: 'icd', k: 2 } }, KEYS],
      rho: '1/50',
    };
    const noise = genuine();
    const first = await lab.release(query, noise);
    const again = await lab.release(query, noise, 2);
    deepStrictEqual(again.body, first.body);
    deepStrictEqual(
      [first, again].map(({ attestations }) => attestations[0]?.attestation.charged),
      [true, false],
    );
    const [lu, jp] = lab.holders;
    const spent = async (holder = lu) => (await holder!.ledger.account(lab.study.id)).spent;
    strictEqual((await spent()).rho.toString(), '1/50');
    strictEqual((await spent()).delta.toString(), '1/10000000');
    strictEqual((await spent(jp)).rho.toString(), '0/1');
    // Another k is another query, and drawn anew.
    await lab.release({ ...query, measures: [TOP, KEYS] }, noise);
    strictEqual((await spent()).rho.toString(), '1/25');
  });

  test('a budget of rho alone does not pay for a delta', async () => {
    using lab = await PooledLab.open({ lu: LU, jp: JP }, { cohort: COHORT, delta: '1/100000000' });
    const run = lab.compile({ holders: ['lu'], measures: [KEYS], rho: '1/10' });
    const [lu] = lab.holders;
    await rejects(lab.hold(lu!, run, genuine()), refusal('BUDGET_EXHAUSTED'));
    strictEqual((await lu!.ledger.account(lab.study.id)).spent.rho.toString(), '0/1');
  });

  test('in every cell of its axes, and of the rows that a condition leaves', async () => {
    using lab = await open();
    const query = {
      holders: ['lu'],
      where: { column: 'icd', in: ['E10', 'E11'] },
      groupBy: ['sex'],
      measures: [{ name: 'often', top: { column: 'icd', k: 2 } }],
      rho: '50/1',
    };
    const { body } = await lab.release(query, genuine());
    const found = body.cells.map(({ group, value }) => [group['sex'], group['icd'], value]);
    deepStrictEqual(found.slice(0, 4), [
      ['F', 'E11', 1],
      ['F', 'E10', 2],
      ['M', 'E11', 1],
      ['M', 'E10', 2],
    ]);
    // Of the cell without a sex, where nobody is, two labels of equal chance.
    strictEqual(found.length, 6);
  });

  test('a fault is answered as if nobody were there', async () => {
    using lab = await open();
    const [lu] = lab.holders;
    const broken = lu!.rows();
    lu!.chooser = {
      chosen: (plan, coins) => broken.chosen(plan, coins, new Date(-1)),
    };
    const { body } = await lab.release(
      { holders: ['lu'], measures: [KEYS], rho: '50/1' },
      genuine(),
    );
    deepStrictEqual(body.cells, []);
    strictEqual(body.estimates[0]?.value, 0);
  });

  test('another seed, another choice where it is close', async () => {
    using lab = await open();
    const found = new Set<string>();
    for (let i = 0; i < 12 && found.size < 2; i++) {
      const query = { holders: ['lu'], measures: [TOP], rho: `1/${10 ** 6 + i}` };
      const { body } = await lab.release(query, genuine());
      found.add(JSON.stringify(chosen(body, 'often', 'icd')));
    }
    notDeepStrictEqual(found.size, 1);
  });
});
