/**
 * One run by real processes that asks for ten kinds of measures at once, as an analyst would: `kakehashi run` on two
 * files. Every number of the release lies within its own noise, widened to one in a million, of what the
 * same query gives without noise; and the text says what each table is.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { uniforms } from '../analysis/simulation.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { command } from '../support/institutions.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { scratch } from '../support/scratch.ts';
import { studyDraft, studyKeys } from '../support/study.ts';

const PEOPLE = 700;

/** People whose level rises with age, and who leave by either of two causes. */
function csv(seed: number): string {
  const draw = uniforms(seed);
  for (let i = 0; i < 20; i++) draw();
  const rows = Array.from({ length: PEOPLE }, (_, i) => {
    const sex = draw() < 0.5 ? 'F' : 'M';
    const age = 30 + Math.floor(50 * draw());
    const level = Math.round(20 + 0.4 * age + (sex === 'M' ? 6 : 0) + 20 * draw());
    const months = Math.ceil(-40 * Math.log(draw()));
    const cause = draw();
    const out = months > 60 ? 'none' : cause < 0.4 ? 'relapse' : cause < 0.7 ? 'death' : 'none';
    return [i, sex, age, level, Math.min(months, 60), out].join();
  });
  return ['patient_id,sex,age,level,months,out', ...rows].join('\n');
}

const COHORT: Record<string, Json> = {
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    age: { type: 'integer', min: 20, max: 99, unit: 'a' },
    level: { type: 'integer', min: 0, max: 100, unit: 'mg' },
    months: { type: 'integer', min: 0, max: 60, unit: 'mo' },
    out: { type: 'category', domain: ['none', 'relapse', 'death'] },
  },
};
const HIGH: Json = { column: 'level', ge: 55 };
const DEAD: Json = { column: 'out', eq: 'death' };
const GRID = [0, 12, 24, 36, 48, 60];
const MEASURES: Json[] = [
  { name: 'people', count: true },
  { name: 'quartiles', quantiles: { column: 'level', at: [0.25, 0.5, 0.75] } },
  { name: 'below', distribution: { column: 'level', at: [50] } },
  { name: 'high by sex', table: { rows: 'sex', columns: { name: 'high', when: HIGH } } },
  {
    name: 'standardised',
    standardised: { proportion: HIGH, age: 'age', population: 'japan-2015', ages: [30, 50, 65] },
  },
  { name: 'by age', trend: { by: { column: 'age', bins: [30, 45, 60, 80] }, of: HIGH } },
  {
    name: 'exits',
    incidence: {
      time: 'months',
      causes: [
        { name: 'relapse', when: { column: 'out', eq: 'relapse' } },
        { name: 'death', when: DEAD },
      ],
      grid: GRID,
    },
  },
  { name: 'level', linear: { outcome: 'level', on: ['age'] } },
  { name: 'odds', logistic: { outcome: HIGH, on: ['sex'] } },
  { name: 'hazard', hazards: { time: 'months', event: DEAD, on: ['sex'], grid: GRID } },
];
const QUERY: Record<string, Json> = { measures: MEASURES, rho: '40/1' };

/** From the 95 % half-width to one in a million. */
const WIDER = 2.6;

type Number = { readonly value: number | null; readonly noise: number | null };

/** Every number with a noise of its own, by where it stands. */
function numbers(body: Pick<ReleaseBody, 'cells' | 'estimates' | 'incidences'>) {
  const found = new Map<string, Number>();
  for (const { measure, group, value, noise } of body.cells) {
    found.set(`${measure} ${JSON.stringify(group)}`, { value, noise });
  }
  for (const { measure, name, value, noise } of body.estimates) {
    found.set(`${measure} ${name}`, { value, noise });
  }
  for (const { measure, cause, points } of body.incidences) {
    for (const { time, incidence, noise } of points) {
      found.set(`${measure} ${cause} ${time}`, { value: incidence, noise });
    }
  }
  return found;
}

test('ten kinds of measures in one run: every number within its noise of the truth', async () => {
  const [root, files] = [scratch(), { lu: csv(11), jp: csv(12) }];
  const options = { cohort: COHORT, rho: '100/1', minimumCell: 5 };
  using lab = await PooledLab.open(files, options);
  const exact = numbers((await lab.release(QUERY, ExactNoise)).body);

  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(root, `${name}.csv`), text);
  const draft = studyDraft(studyKeys(['lu', 'jp']), options);
  writeFileSync(path.join(root, 'study.json'), JSON.stringify(draft));
  const asked = { format: 'kakehashi/query/1', ...QUERY };
  writeFileSync(path.join(root, 'query.json'), JSON.stringify(asked));
  const at = (name: string): string => path.join(root, name);
  const argv = ['run', '--study', at('study.json'), '--query', at('query.json')];
  for (const name of Object.keys(files)) argv.push('--holder', `${name}=${at(`${name}.csv`)}`);

  const shown = await command(argv);
  strictEqual(shown.code, 0, shown.err);
  for (const text of [
    /^quartiles \(mg\)$/m,
    /odds ratio/,
    /^level \(linear regression: for one unit more\)$/m,
    /mg\/a/,
    /^odds \(logistic regression: logarithms of odds and of odds ratios\)$/m,
    /^hazard \(proportional hazards: logarithms of hazard ratios\)$/m,
    /^by age \(trend: for one unit of time more\)$/m,
    /% by 60 mo \(95 %\)/,
    /chi-square with noise/,
  ]) {
    match(shown.out, text);
  }

  const { code, out, err } = await command([...argv, '--json']);
  strictEqual(code, 0, err);
  const { release } = JSON.parse(out) as { release: ReleaseBody };
  const noised = numbers(release);
  deepStrictEqual([...noised.keys()].sort(), [...exact.keys()].sort());
  ok(noised.size > 25);
  for (const [name, { value, noise }] of noised) {
    const truth = exact.get(name)?.value ?? null;
    ok(value !== null && noise !== null && truth !== null, name);
    // A quantile and a share move by whole steps.
    const room = WIDER * noise + (name.startsWith('quartiles') ? 1 : 1e-3);
    ok(Math.abs(value - truth) <= room, `${name}: ${value} ± ${noise}, without noise ${truth}`);
  }
}, 300_000);
