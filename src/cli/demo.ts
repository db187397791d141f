/** The queries of the demonstration and what it prints. @module */
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import type { BudgetFields } from '../base/errors.ts';
import { answerLines } from './answer-view.ts';
import { ONCOLOGY_QUERY } from './demo-oncology.ts';
import { DEMO_QUERY, DEMO_QUERY_TOO_DEAR } from './demo-study.ts';
import type { LocalCluster } from './local-cluster.ts';
import { amountText } from './number-text.ts';
import type { Answer } from './output.ts';
import { priceLines } from './price-view.ts';
import { type Answered, runQuery } from './run-query.ts';
import { factLines } from './table.ts';

/** The refusal of a query that the budget does not cover. */
async function refused({
  client,
  study,
  signal,
}: LocalCluster): Promise<Refusal<'BUDGET_EXHAUSTED'>> {
  try {
    await runQuery(client, study, DEMO_QUERY_TOO_DEAR, { signal });
  } catch (error) {
    const isBudget = (e: unknown): e is Refusal<'BUDGET_EXHAUSTED'> =>
      e instanceof Refusal && e.code === 'BUDGET_EXHAUSTED';
    if (isBudget(error)) return error;
    throw error;
  }
  check(false, 'INTERNAL', 'the second query was answered');
}

const refusalFacts = ({ holder, asked, spent, left }: BudgetFields): string[] =>
  factLines([
    ['refused by', holder],
    ['asked', `rho ${amountText(asked)}`],
    ['spent', `rho ${amountText(spent)}`],
    ['left', `rho ${amountText(left)}`],
  ]);

export const heading = (text: string): string[] => ['', text, ''];

export function answeredLines({ study }: LocalCluster, { submitted, release, timings }: Answered) {
  return [
    ...priceLines(submitted.price),
    '',
    ...answerLines(release, study),
    `answered in ${timings['total'] ?? 0} s`,
  ];
}

/** Asks with the states of the run as steps of the demonstration. */
export const ask = (
  { client, study, signal }: LocalCluster,
  query: Json,
  step: (name: string) => void,
): Promise<Answered> =>
  runQuery(client, study, query, {
    signal,
    onProgress: (event) => {
      if (event.event === 'state') step(event.state);
    },
  });

export type DemoStudies = {
  readonly diabetes: LocalCluster;
  /** Joins the parties in the second study. */
  readonly oncology: () => Promise<LocalCluster>;
};

export async function runDemo(
  { diabetes, oncology }: DemoStudies,
  step: (name: string) => void,
): Promise<Answer> {
  const first = await ask(diabetes, DEMO_QUERY, (state) => step(`diabetes: ${state}`));
  step('diabetes: more than the budget');
  const refusal = await refused(diabetes);
  const trial = await oncology();
  const second = await ask(trial, ONCOLOGY_QUERY, (state) => step(`oncology: ${state}`));
  return {
    json: {
      release: first.release,
      price: first.submitted.price,
      timings: first.timings,
      refused: { code: refusal.code, title: refusal.message, ...refusal.fields },
      oncology: {
        release: second.release,
        price: second.submitted.price,
        timings: second.timings,
      },
    },
    lines: [
      diabetes.study.title,
      ...heading('1. People, mean HbA1c and complications by holder and age, and together'),
      ...answeredLines(diabetes, first),
      ...heading('2. Complications and insulin, at many times the price'),
      refusal.message,
      ...(refusal.fields === undefined ? [] : refusalFacts(refusal.fields)),
      'No data was touched and nothing was spent.',
      ...['', '', trial.study.title],
      ...heading('3. Survival by arm, of both services together'),
      ...answeredLines(trial, second),
    ],
  };
}
