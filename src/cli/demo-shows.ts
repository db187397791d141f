/** What `kakehashi demo` can show: the first study, its files, and what is asked and printed. @module */
import { join } from 'node:path';
import type { Json } from '../base/canonical-json.ts';
import { ask, answeredLines, heading, runDemo } from './demo.ts';
import {
  writeDiabetesCohorts,
  writeImageCohorts,
  writeOncologyCohorts,
  writeTrialCohorts,
} from './demo-cohorts.ts';
import { IMAGE_CASES, type ImageCase, imageCasePeople, imageDemo } from './demo-images.ts';
import { ONCOLOGY_PEOPLE, oncologyStudy } from './demo-oncology.ts';
import { DEMO_PEOPLE, DEMO_QUERY, demoStudy } from './demo-study.ts';
import { TRIAL_PEOPLE, TRIAL_QUERY, trialStudy } from './demo-trial.ts';
import { imageFacts } from './image-file.ts';
import { addStudy, type LocalCluster } from './local-cluster.ts';
import type { LocalImage } from './local-images.ts';
import type { Answer } from './output.ts';
import { factLines } from './table.ts';

export const CASES = ['trial', ...IMAGE_CASES] as const;
export type DemoCase = (typeof CASES)[number];

type Step = (name: string) => void;

export type Show = {
  /** That are told: of the studies, of the queries. */
  readonly steps: number;
  readonly draft: Json;
  readonly images?: readonly LocalImage[];
  readonly files: (root: string) => Promise<Map<string, readonly string[]>>;
  /** The first query of the first study, to try out. */
  readonly query: Json;
  readonly run: (cluster: LocalCluster, step: Step) => Promise<Answer>;
};

type ShowOptions = { readonly people: number | undefined; readonly seed: string };

/** One query, with `before` between the study's title and what was answered. */
async function answer(
  cluster: LocalCluster,
  query: Json,
  onState: Step,
  before: readonly string[],
): Promise<Answer> {
  const answered = await ask(cluster, query, onState);
  const { release, submitted, timings } = answered;
  return {
    json: { release, price: submitted.price, timings },
    lines: [cluster.study.title, ...before, ...answeredLines(cluster, answered)],
  };
}

/** Two registries of people with diabetes, a refusal, then survival in two oncology services. */
const registries = ({ people = DEMO_PEOPLE, seed }: ShowOptions): Show => ({
  // Six of the studies, two queries of four states, one refusal.
  steps: 15,
  draft: demoStudy(new Date(), people),
  files: (root) => writeDiabetesCohorts(root, people, seed),
  query: DEMO_QUERY,
  run: (cluster, step) => {
    const oncology = () =>
      addStudy(cluster, {
        draft: oncologyStudy(),
        files: () => writeOncologyCohorts(cluster.root, ONCOLOGY_PEOPLE, seed),
        step,
      });
    return runDemo({ diabetes: cluster, oncology }, step);
  },
});

/** A trial whose arms are known in one country and whose laboratory values in the other. */
const trial = ({ people = TRIAL_PEOPLE, seed }: ShowOptions): Show => ({
  // Four of the study, a query of four states.
  steps: 8,
  draft: trialStudy(new Date(), people),
  files: (root) => writeTrialCohorts(join(root, 'cohorts', 'trial'), people, seed),
  query: TRIAL_QUERY,
  run: (cluster, step) =>
    answer(
      cluster,
      TRIAL_QUERY,
      (state) => step(`trial: ${state}`),
      heading('Of the people in both files, and nobody learns who they are'),
    ),
});

/** A program over both cohorts: pushed, fetched, verified and run behind walls by each holder. */
async function program(name: ImageCase, { people, seed }: ShowOptions): Promise<Show> {
  const demo = await imageDemo(name, people ?? imageCasePeople(name));
  return {
    // Four of the study, a query of four states.
    steps: 8,
    draft: demo.draft,
    images: [demo.image],
    files: (root) => writeImageCohorts(name, root, demo.people, seed),
    query: demo.query,
    run: (cluster, step) =>
      answer(cluster, demo.query, (state) => step(`${name}: ${state}`), [
        '',
        ...factLines(imageFacts(demo.image)),
        ...heading('What the program answered, over blocks of people or one by one, with noise'),
      ]),
  };
}

const isProgram = (name: DemoCase | undefined): name is ImageCase =>
  (IMAGE_CASES as readonly (string | undefined)[]).includes(name);

export const showOf = async (name: DemoCase | undefined, options: ShowOptions): Promise<Show> => {
  if (isProgram(name)) return program(name, options);
  return name === 'trial' ? trial(options) : registries(options);
};
