/**
 * Medians and winsorised means of an image's answers inside one holder, over a loaded cohort: those of a twin that
 * answers the recorded tables itself; one person moves one answer; and the reading of both.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { insideTables } from '../../../src/analysis/inside-tables.ts';
import type { ImageTerms } from '../../../src/cohort/image-terms.ts';
import type { Plan } from '../../../src/cohort/plan.ts';
import { Secret } from '../../../src/base/secret.ts';
import { winsorFence } from '../../../src/dp/mechanism/winsorised-mean.ts';
import { seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import type { Images } from '../../../src/flows/image-ports.ts';
import { readTable } from '../../support/image-table.ts';
import { far, load, planOf, section } from '../duckdb/loaded.ts';

const DIGEST = 'd'.repeat(64);
const BLOCKS = 16;
const terms: ImageTerms = {
  digest: DIGEST,
  boundary: 'bubblewrap',
  declaration: {
    mode: 'block',
    columns: [{ name: 'age', type: 'int64' }],
    fields: [{ name: 'answer', min: 0, max: 1000, default: 500, step: '1/10', unit: 'a' }],
    memory: 2,
    fuel: 1_000_000,
  },
};

const asking = (aggregate: string, more: Record<string, Json> = {}): Record<string, Json> => ({
  holders: ['lu'],
  measures: [{ name: 'a', image: { digest: DIGEST, blocks: BLOCKS, aggregate } }],
  rho: '5000/1',
  ...more,
});

/** Ten times the mean age of a block; keeps what it answered. */
function averaging(): { images: Images; answers: Map<number, bigint> } {
  const answers = new Map<number, bigint>();
  const images: Images = {
    prepare: () => Promise.resolve(),
    upload: () => Promise.reject(new Error('an upload')),
    evidence: () => Promise.resolve([]),
    async answers(_call, given, answer) {
      for (;;) {
        const next = await given.next();
        if (next.done === true) return;
        const { index, table } = next.value;
        const { rows } = readTable(table);
        const sum = rows.reduce((all, [age]) => all + Number(age ?? 0), 0);
        const own = BigInt(rows.length === 0 ? 500 : Math.round((10 * sum) / rows.length));
        answers.set(index, own);
        answer(index, [own]);
      }
    },
  };
  return { images, answers };
}

const HEAD = 'pid,sex,age,hba1c,visit';
const people = Array.from(
  { length: 400 },
  (_, i) => `p${i},${i % 2 === 0 ? 'F' : 'M'},${30 + ((i * 7) % 41)},6.5,2020-01-01`,
);

async function run(rows: readonly string[], query: Record<string, Json>) {
  const { images, answers } = averaging();
  const { cohort } = await load(section(), [[HEAD, ...rows].join('\n')], { images });
  const plan = planOf(section(), query, [terms]);
  const coins = seededBytes(new Secret('seed', new Uint8Array(32).fill(9)));
  return { plan, answers, vector: await cohort.chosen(plan, coins, far()) };
}

const tablesOf = (plan: Plan, vector: BigInt64Array) => {
  ok(plan.inside !== undefined);
  return insideTables({ ...plan, ...plan.inside }, vector, String);
};

const sorted = (answers: Iterable<bigint>): bigint[] => [...answers].sort((a, b) => Number(a - b));

describe('answers on blocks inside one holder', () => {
  test('the median of each cell is that of the answers there, where rho hides nothing', async () => {
    const { plan, answers, vector } = await run(people, asking('median', { groupBy: ['sex'] }));
    // Three cells: F, M and nobody; the answers of each, by place.
    for (const cell of [0, 1, 2]) {
      const own = sorted(
        [...answers].filter(([place]) => Math.floor(place / BLOCKS) === cell).map(([, a]) => a),
      );
      strictEqual(own.length, BLOCKS);
      const [low, high] = [own[BLOCKS / 2 - 1] ?? 0n, own[BLOCKS / 2] ?? 0n];
      const median = vector[cell] ?? -1n;
      ok(median >= low && median <= high, `${cell}: ${median} of ${low} to ${high}`);
    }
    const { estimates } = tablesOf(plan, vector);
    deepStrictEqual(
      estimates.map(({ group, name, unit, noise }) => [
        group['holder'],
        group['sex'],
        name,
        unit,
        noise,
      ]),
      [
        ['lu', 'F', 'answer', 'a', null],
        ['lu', 'M', 'answer', 'a', null],
        ['lu', null, 'answer', 'a', null],
      ],
    );
    for (const { value, interval } of estimates) {
      ok(value !== null && interval !== null && interval[0] <= value && value <= interval[1]);
    }
    strictEqual(estimates[2]?.value, 50);
  });

  test('the winsorised mean is that of the cut answers, within its noise', async () => {
    const { plan, answers, vector } = await run(people, asking('winsorised-mean'));
    const own = sorted(answers.values());
    const [a = 0n, b = 0n] = vector;
    ok(a >= (own[3] ?? 0n) && a <= (own[4] ?? 0n) && b >= (own[11] ?? 0n) && b <= (own[12] ?? 0n));
    const { low, high } = winsorFence([a, b], { min: 0n, max: 1000n });
    const cut = own.map((x) => Number(x < low ? low : x > high ? high : x));
    const mean = cut.reduce((sum, x) => sum + x, 0) / BLOCKS / 10;
    const [estimate] = tablesOf(plan, vector).estimates;
    ok(
      estimate !== undefined &&
        estimate.value !== null &&
        estimate.noise !== null &&
        estimate.interval !== null,
    );
    ok(estimate.noise > 0 && estimate.noise < 0.2);
    ok(Math.abs(estimate.value - mean) <= 3 * estimate.noise, `${estimate.value} of ${mean}`);
    ok(estimate.interval[0] < mean && mean < estimate.interval[1]);
  });

  test('one person more changes one answer in each of its cells, and nothing else', async () => {
    const [without, with_] = [
      await run(people, asking('median')),
      await run([...people, 'odd,F,110,6.5,2020-01-01'], asking('median')),
    ];
    const changed = [...with_.answers].filter(([place, a]) => without.answers.get(place) !== a);
    strictEqual(changed.length, 1);
    strictEqual(with_.vector.length, without.vector.length);
  });

  test('a program that gives nothing is answered with its defaults', async () => {
    const images: Images = {
      prepare: () => Promise.resolve(),
      upload: () => Promise.reject(new Error('an upload')),
      evidence: () => Promise.resolve([]),
      answers: () => Promise.reject(new Error('gone')),
    };
    const { cohort, log } = await load(section(), [[HEAD, ...people].join('\n')], { images });
    const plan = planOf(section(), asking('median'), [terms]);
    const coins = seededBytes(new Secret('seed', new Uint8Array(32).fill(9)));
    const vector = await cohort.chosen(plan, coins, far());
    strictEqual(vector[0], 500n);
    ok(log.some(({ level }) => level === 'error'));
  });
});

describe('answers of most blocks alike', () => {
  test('an odd block moves the median not at all', async () => {
    const alike = Array.from({ length: 400 }, (_, i) => `p${i},F,40,6.5,2020-01-01`);
    const { vector } = await run([...alike, 'odd,F,110,6.5,2020-01-01'], asking('median'));
    strictEqual(vector[0], 400n);
  });
});
