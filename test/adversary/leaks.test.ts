/**
 * Leaks of noise of the notes on differential privacy, each named for the leak. Elsewhere: timing and deadlines,
 * test/flows/deadline.test.ts and test/engine/noise; response sizes and row order, neighbours.test.ts; error texts,
 * logs, caches and tags of real processes, test/e2e/canary.test.ts and test/e2e/neighbours.slow.test.ts.
 */
import { deepStrictEqual, equal, notDeepStrictEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import { releaseBody } from '../../src/flows/pooled/release.ts';
import type { Noise } from '../../src/flows/ports.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { acceptedStudy, compiledRun, studyKeys } from '../support/study.ts';
import { CELLS, WIDE } from '../support/wide-study.ts';

const SRC = path.resolve(import.meta.dirname, '../../src');
const noise = (): Noise => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);
const RHO = '1/200';
const QUERY = { groupBy: ['code'], rho: RHO };

const variance = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;

describe('leaks of noise', () => {
  test('float low bits: what is drawn, added and released of a count is a whole number', async () => {
    using lab = await PooledLab.counting({ jp: 3n, lu: 4n }, WIDE);
    const { body } = await lab.release(QUERY, noise());
    ok(body.cells.length === CELLS && body.cells.every(({ value }) => Number.isInteger(value)));
    // Σ of even and odd values alike: no pattern in the lowest bit.
    const odd = body.cells.filter(({ value }) => Math.abs(value ?? 0) % 2 === 1).length;
    ok(Math.abs(odd - CELLS / 2) < 5 * Math.sqrt(CELLS / 4), `${odd} of ${CELLS} are odd`);
  });

  test('Math.random: nowhere in the source', () => {
    const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(?:ts|mjs)$/.test(file),
    );
    ok(sources.length > 300);
    const guilty = sources.filter((file) =>
      readFileSync(path.join(SRC, file), 'utf8').includes(['Math', 'random'].join('.')),
    );
    deepStrictEqual(guilty, []);
  });

  test('a process that shares a buffer: two sources of one vault never draw the same', async () => {
    const vault = new Vault(SigningKey.generate(), systemRng);
    const runs = [{ variance: Rational.of(100), count: 64 }];
    const drawn = await Promise.all(
      [systemNoise(vault, systemRng), systemNoise(vault, systemRng)].map(async (one) => {
        const ticket = one.ticket(runs);
        return [...(await one.draw(ticket, runs))];
      }),
    );
    notDeepStrictEqual(drawn[0], drawn[1]);
  });

  test('one holder adding none: the other one’s whole share is still there', async () => {
    using lab = await PooledLab.counting({ jp: 0n, lu: 0n }, { ...WIDE, minimumCell: 0 });
    const run = lab.compile(QUERY);
    const [jp, lu] = lab.holders;
    if (jp === undefined || lu === undefined) throw new Error('holders');
    const parties = [lab.hold(jp, run, ExactNoise), lab.hold(lu, run, noise())];
    const [{ body }] = await Promise.all([lab.assemble(run), ...parties]);
    const found = variance(
      body.cells.map(({ value }) => value ?? Number.NaN),
      0,
    );
    // 100, and not 200: five standard deviations of a sample variance are 11.
    ok(Math.abs(found - 100) < 12, `${found}`);
  });

  test('noise reused for total and parts: the total is the sum of the parts that are shown', async () => {
    using lab = await PooledLab.counting({ jp: 50n, lu: 30n }, { ...WIDE, minimumCell: 0 });
    const own = noise();
    const { body } = await lab.release({ groupBy: ['holder', 'code'], rho: RHO }, own);
    const of = (holder?: string): number[] =>
      body.cells
        .filter(({ group }) => group['holder'] === holder)
        .map(({ value }) => value ?? Number.NaN);
    const [left, right, all] = [of('jp'), of('lu'), of()];
    deepStrictEqual(
      all,
      left.map((value, i) => value + (right[i] ?? 0)),
    );
    // Asked as a pooled table it is another release, whose noise has nothing to do with the parts'.
    const pooled = (await lab.release(QUERY, own)).body.cells.map(({ value }) => value ?? 0);
    const together = pooled.reduce((sum, value, i) => sum + (value - 80) * ((all[i] ?? 0) - 80), 0);
    ok(Math.abs(together / CELLS) < (5 * 200) / Math.sqrt(CELLS), 'uncorrelated');
  });

  test('the true value in an interval: intervals are functions of what is released', () => {
    const keys = studyKeys(['jp', 'lu']);
    const study = acceptedStudy(keys);
    const measures = [
      { name: 'n', count: true },
      { name: 'm', mean: 'age' },
      { name: 'q', quantiles: { column: 'age', at: [0.5] } },
      { name: 's', survival: { time: 'age', event: { column: 'sex', eq: 'F' }, grid: [0, 50] } },
    ];
    const run = compiledRun(study, keys, { measures, rho: '1/10' });
    // The only argument beside public numbers is the noised vector.
    const vector = BigInt64Array.from({ length: run.plan.slots }, (_, i) => BigInt(20 + (i % 7)));
    deepStrictEqual(releaseBody(run, vector), releaseBody(run, vector.slice()));
    equal(releaseBody.length, 2);
    // Control: another noised vector has other intervals.
    const other = releaseBody(
      run,
      vector.map((value) => value + 1n),
    );
    notDeepStrictEqual(other.cells, releaseBody(run, vector).cells);
  });
});
