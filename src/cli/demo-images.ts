/**
 * `kakehashi demo --case calibration | biomarker | gait`: the example images over synthetic cohorts, from the
 * study that names them to the release.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { GAIT_DAYS } from '../cohort/synthetic-gait.ts';
import { demoExpiry, demoParties, demoStudy } from './demo-study.ts';
import { type ExampleImage, exampleImage, type ExampleName } from './example-image.ts';

export const IMAGE_CASES = ['calibration', 'biomarker', 'gait'] as const;
export type ImageCase = (typeof IMAGE_CASES)[number];

type ImageDemo = {
  readonly image: ExampleImage;
  readonly draft: Json;
  readonly query: Json;
  readonly people: number;
};

const budget = { rho: '1/1', delta: '1/1000000' };

const study = (title: string, people: number, rows: number, columns: Json): Json => ({
  ...demoParties,
  format: 'kakehashi/study/1',
  title,
  purpose: 'research',
  expires: demoExpiry(new Date()),
  cohort: {
    person: 'patient_id',
    rowsPerPerson: rows,
    cellsPerPerson: 1,
    declaredSize: { lu: people, jp: people },
    nulls: ['', 'NA'],
    columns,
  },
  operations: ['count', 'image'],
  budget: { lu: budget, jp: budget },
});

type Case = {
  readonly name: ExampleName;
  readonly people: number;
  readonly blocks?: number;
  readonly draft: (people: number) => Json;
};

const CASES: Readonly<Record<ImageCase, Case>> = {
  calibration: {
    name: 'diabetes-calibration',
    people: 20_000,
    blocks: 64,
    draft: (people) => ({
      ...(demoStudy(new Date(), people) as object),
      title: 'Does a risk score for complications of diabetes fit in both registries?',
      operations: ['count', 'image'],
      budget: { lu: budget, jp: budget },
    }),
  },
  biomarker: {
    name: 'biomarker-cutpoint',
    people: 20_000,
    blocks: 64,
    draft: (people) =>
      study('Cut-point of a tumour marker by survival', people, 1, {
        marker: { type: 'number', min: 0, max: 10, step: '1/10' },
        months: { type: 'integer', min: 0, max: 120, unit: 'mo' },
        died: { type: 'integer', min: 0, max: 1 },
      }),
  },
  gait: {
    name: 'gait-features',
    people: 4_000,
    draft: (people) =>
      study("Stride time of people with Parkinson's disease", people, GAIT_DAYS, {
        day: { type: 'date', min: '2020-01-01', max: '2025-12-31' },
        stride: { type: 'integer', min: 0, max: 5000, unit: 'ms' },
      }),
  },
};

export const imageCasePeople = (name: ImageCase): number => CASES[name].people;

/** A person in map mode is one call: the number of blocks is what the others are asked for. */
export async function imageDemo(name: ImageCase, people: number): Promise<ImageDemo> {
  const found = CASES[name];
  const image = await exampleImage(found.name);
  const { digest } = image;
  const asked = found.blocks === undefined ? { digest } : { digest, blocks: found.blocks };
  return {
    image,
    people,
    draft: found.draft(people),
    query: {
      format: 'kakehashi/query/1',
      groupBy: ['holder'],
      measures: [{ name, image: asked }],
      rho: '1/2',
    },
  };
}
