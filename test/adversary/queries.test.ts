/**
 * Attacks by queries of the notes on differential privacy, each named for the attack, through the whole flow in one
 * process with a real cohort and a real ledger; each has a control that shows what it would give.
 * Elsewhere: one odd person more or less on every measure, neighbours.test.ts; a suppressed cell from every
 * total, test/analysis/disclosure; a join that multiplies a person over OMOP records, test/engine/clinical; a
 * linkage set of one, linked-one.slow.test.ts; programs that keep state, test/image and test/sandbox-images.
 */
import { deepStrictEqual, equal, notDeepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import type { Noise } from '../../src/flows/ports.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import type { StudyOptions } from '../support/study.ts';

const noise = (): Noise => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);

const rows = (...lines: readonly string[]): string => ['patient_id,sex,age', ...lines].join('\n');
const LU = rows('1,F,34', '2,M,61', '3,F,70', '4,M,107');
const JP = rows('5,F,45', '6,M,50');

type Query = Record<string, Json>;
const EVERYBODY: Query = { rho: '1/8' };
/** Only one person of LU is that old. */
const WITHOUT: Query = { where: { all: [{ not: { column: 'age', ge: 107 } }] }, rho: '1/8' };

const values = ({ cells }: ReleaseBody): (number | null)[] => cells.map(({ value }) => value);
const spent = async (lab: PooledLab): Promise<string[]> =>
  Promise.all(
    lab.holders.map(async ({ ledger }) => {
      const { spent: own, reserved } = await ledger.account(lab.study.id);
      return own.rho.plus(reserved.rho).toString();
    }),
  );

async function asked(
  queries: readonly Query[],
  own: Noise,
  { lu = LU, ...options }: StudyOptions & { readonly lu?: string } = {},
): Promise<{ bodies: ReleaseBody[]; spent: string[] }> {
  using lab = await PooledLab.open({ lu, jp: JP }, options);
  const bodies: ReleaseBody[] = [];
  for (const query of queries) bodies.push((await lab.release(query, own)).body);
  return { bodies, spent: await spent(lab) };
}

describe('attacks by queries', () => {
  test('differencing: everybody less everybody but one has the noise of both, and costs both', async () => {
    const found = await asked([EVERYBODY, WITHOUT], noise());
    deepStrictEqual(found.spent, ['1/4', '1/4']);
    const exact = await asked([EVERYBODY, WITHOUT], ExactNoise);
    const [all, rest] = exact.bodies.flatMap(values);
    equal((all ?? 0) - (rest ?? 0), 1, 'control: without noise it is that person');
    for (const { cells } of found.bodies) {
      // σ² = 4 a share, two shares.
      ok((cells[0]?.noise ?? 0) >= 5, 'the noise that is told is that of a whole release');
    }
  });

  test('a filter that raises on the row of one person: it raises on nobody', async () => {
    const odd = rows('1,F,34', '2,M,61', '3,F,1e400', '4,M,', '5,,0x1f', '6,F,-0', '7,F,1/0');
    const filters: Json[] = [
      { column: 'age', ge: 0 },
      { not: { column: 'age', lt: 1 } },
      {
        any: [
          { column: 'age', eq: 34 },
          { column: 'sex', in: ['M'] },
        ],
      },
      { not: { all: [{ column: 'age', isNull: true }] } },
    ];
    const queries = filters.map((where, i): Query => ({ where, rho: `1/${10 + i}` }));
    const [plain, strange] = [
      await asked(queries, ExactNoise),
      await asked(queries, ExactNoise, { lu: odd }),
    ];
    deepStrictEqual(strange.spent, plain.spent);
    equal(strange.bodies.length, queries.length);
    // Without a value a comparison is false, and its opposite true.
    deepStrictEqual(
      strange.bodies.map((body) => values(body)[0]),
      [5, 8, 4, 5],
    );
  });

  test('a refusal that depends on data: nobody, one and everybody are answered alike', async () => {
    const queries: Query[] = [
      { where: { column: 'age', ge: 110 }, rho: '1/10' },
      { where: { column: 'age', ge: 107 }, rho: '1/11' },
      { where: { column: 'age', ge: 0 }, rho: '1/12' },
    ];
    const { bodies } = await asked(queries, ExactNoise, { minimumCell: 3 });
    deepStrictEqual(
      bodies.map(({ cells }) => cells.map(({ suppressed }) => suppressed)),
      [[true], [true], [false]],
    );
    const shape = ({ cells, privacy, disclosure }: ReleaseBody) => [
      cells.map(({ group, unit, noise: own }) => [group, unit, typeof own]),
      Object.keys(privacy),
      disclosure.minimumCell,
    ];
    deepStrictEqual(shape(bodies[0]!), shape(bodies[1]!));
    deepStrictEqual(shape(bodies[0]!), shape(bodies[2]!));
  });

  test('a suppressed cell recovered from totals: what totals give away is hidden as well', async () => {
    const few = rows(...Array.from({ length: 30 }, (_, i) => `${i},F,30`), '90,M,40');
    const query: Query = { groupBy: ['holder', 'sex'], rho: '1/2' };
    const { bodies } = await asked([query], ExactNoise, { lu: few, minimumCell: 5 });
    const cells = bodies[0]?.cells ?? [];
    for (const sex of ['F', 'M', null]) {
      const row = cells.filter(({ group }) => group['sex'] === sex);
      const hidden = row.filter(({ suppressed }) => suppressed);
      ok(hidden.length !== 1, `${sex}: one hidden cell of a row that adds up`);
    }
    ok(
      cells.some(({ suppressed }) => suppressed),
      'control: something is hidden',
    );
  });

  test('trivially rewritten repeats: the release of before, and nothing charged', async () => {
    const where = (of: Json): Query => ({ where: of, groupBy: ['sex'], rho: '1/8' });
    const old: Json = { column: 'age', ge: 40 };
    const women: Json = { column: 'sex', in: ['F'] };
    const rewritten = [
      where({ all: [old, women] }),
      where({ all: [women, old] }),
      where({ all: [old, women, old] }),
      where({ all: [{ all: [women] }, { any: [old] }] }),
      where({ not: { not: { all: [old, women] } } }),
      where({ not: { any: [{ not: old }, { not: women }] } }),
      { ...where({ all: [old, women] }), measures: [{ name: 'renamed', count: true }] },
    ];
    const { bodies, spent: charged } = await asked(rewritten, noise());
    deepStrictEqual(charged, ['1/8', '1/8']);
    for (const body of bodies) deepStrictEqual(values(body), values(bodies[0]!));
    // Control: another question has other noise and another charge.
    const other = await asked([rewritten[0]!, where({ all: [old] })], noise());
    deepStrictEqual(other.spent, ['1/4', '1/4']);
  });

  test('seeded noise: the same study, data and query give other noise to other holders', async () => {
    const query: Query = {
      groupBy: [{ column: 'age', bins: [0, 20, 40, 60, 80, 111] }],
      rho: '1/200',
    };
    const [one, other] = [await asked([query], noise()), await asked([query], noise())];
    notDeepStrictEqual(values(one.bodies[0]!), values(other.bodies[0]!));
  });

  test('group keys from data: a code of one person names no cell', async () => {
    const secret = 'Hansen-disease';
    const lu = `${LU}\n9,${secret},40`;
    const { bodies } = await asked([{ groupBy: ['sex'], rho: '1/8' }], ExactNoise, { lu });
    ok(!JSON.stringify(bodies).includes(secret));
    deepStrictEqual(
      bodies[0]?.cells.map(({ group }) => group['sex']),
      ['F', 'M', null],
    );
  });

  test('a join that multiplies a person: ten thousand rows of one count as many as are bounded', async () => {
    const many = rows('1,F,34', ...Array.from({ length: 10_000 }, (_, i) => `2,M,${i % 111}`));
    const query: Query = { groupBy: ['sex'], rho: '1/8' };
    const bounded = await asked([query], ExactNoise, { lu: many });
    deepStrictEqual(values(bounded.bodies[0]!), [1 + 1, 1 + 1, 0]);
    // Control: a study that allows three rows counts three, and pays for nine.
    const three = { rowsPerPerson: 3, cellsPerPerson: 1 };
    const wider = await asked([query], ExactNoise, { lu: many, cohort: three });
    deepStrictEqual(values(wider.bodies[0]!), [1 + 1, 3 + 1, 0]);
  });

  test('the same person at both holders: counted by both, and charged by both', async () => {
    const both = rows('7,F,40');
    using lab = await PooledLab.open({ lu: both, jp: both });
    const { body } = await lab.release({ rho: '1/8' }, ExactNoise);
    deepStrictEqual(values(body), [2]);
    deepStrictEqual(await spent(lab), ['1/8', '1/8']);
    // By composition they bear twice the price: what a table by holder says of either.
    ok(Rational.parse(body.privacy.rho).times(Rational.of(2)).equals(Rational.of(1, 4)));
  });

  test('null, NaN, an unknown sex, a day that is none, identifiers twice: a meaning each', async () => {
    const lu = rows('1,F,34', '1,F,34', '2,,NaN', '3,x,2020-02-30', ',F,50', '4,M,NA');
    const { bodies } = await asked(
      [{ groupBy: ['sex', { column: 'age', bins: [0, 40, 111] }], rho: '1/8' }],
      ExactNoise,
      { lu },
    );
    const of = (sex: string | null, age: string | null): number | null | undefined =>
      bodies[0]?.cells.find(({ group }) => group['sex'] === sex && group['age'] === age)?.value;
    // The first person once; without an identifier nobody; the rest without a value; two of JP.
    const ages = [...new Set(bodies[0]?.cells.map(({ group }) => group['age']))];
    const [young = null, old = null] = ages;
    deepStrictEqual(
      [of('F', young), of('F', old), of('M', old), of(null, null), of('M', null), of('F', null)],
      [1, 1, 1, 2, 1, 0],
    );
  });
});
