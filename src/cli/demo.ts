/** The two queries of the demonstration and what it prints. @module */
import { check, Refusal } from '../base/errors.ts';
import type { BudgetFields } from '../base/errors.ts';
import { answerLines } from './answer-view.ts';
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

function lines(
  { study }: LocalCluster,
  { submitted, release, timings }: Answered,
  refusal: Refusal<'BUDGET_EXHAUSTED'>,
): string[] {
  return [
    study.title,
    '',
    '1. People with diabetes by holder, sex and age, and together',
    '',
    ...priceLines(submitted.price),
    '',
    ...answerLines(release, study),
    `answered in ${timings['total'] ?? 0} s`,
    '',
    '2. Complications and insulin, at a hundred times the price',
    '',
    refusal.message,
    ...(refusal.fields === undefined ? [] : refusalFacts(refusal.fields)),
    'No data was touched and nothing was spent.',
  ];
}

export async function runDemo(
  cluster: LocalCluster,
  step: (name: string) => void,
): Promise<Answer> {
  const { client, study, signal } = cluster;
  const answered = await runQuery(client, study, DEMO_QUERY, {
    signal,
    onProgress: (event) => {
      if (event.event === 'state') step(`query 1: ${event.state}`);
    },
  });
  step('query 2: more than the budget');
  const refusal = await refused(cluster);
  const { release, timings, submitted } = answered;
  return {
    json: {
      release,
      price: submitted.price,
      timings,
      refused: { code: refusal.code, title: refusal.message, ...refusal.fields },
    },
    lines: lines(cluster, answered, refusal),
  };
}
