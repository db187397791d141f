/** Budgets of a holder in words. @module */
import { grantEyes, type SignedGrant } from '../study/grant.ts';
import type { Study } from '../flows/study-terms.ts';
import type { BudgetAnswer, HistoryAnswer, WaitingRun } from './budget-answers.ts';
import { amountText, decimalPlaces, placesFor } from './number-text.ts';
import { factLines, plain, tableLines } from './table.ts';

const READING = [
  'left: what may still be reserved. epsilon is for reading, at delta 1/1000000 beside the delta that was spent.',
  'found: an attacker who knows everybody else and sees every release finds at most so many of 100',
  'people when it accuses 1 of 100 wrongly (1 is blind guessing).',
];

const right = (title: string) => ({ title, align: 'right' as const });

function epochLines({ epochs, epochLimit }: BudgetAnswer): string[] {
  if (epochs.length === 0) return ['nobody was loaded yet'];
  return [
    `people, by epoch (first loaded together; limit: ${epochLimit})`,
    ...tableLines(
      [
        right('epoch'),
        right('reserved'),
        right('spent'),
        right('left'),
        right('epsilon'),
        right('found'),
        right('studies'),
      ],
      epochs.map(({ epoch, reserved, spent, left, epsilon, attacker, studies }) => [
        String(epoch),
        amountText(reserved.rho),
        amountText(spent.rho),
        left === undefined ? 'no limit' : amountText(left.rho),
        epsilon,
        attacker,
        String(studies.length),
      ]),
    ),
  ];
}

function studyLines(study: BudgetAnswer['studies'][number]): string[] {
  const { title, study: id, state, analysts, countries, approval, keptUntil } = study;
  const parts = ['signed', 'granted', 'reserved', 'spent', 'left'] as const;
  return [
    '',
    `${plain(title)} (study ${id}, ${state})`,
    ...tableLines(
      [{ title: '' }, right('rho'), right('delta')],
      parts.map((part) => [part, amountText(study[part].rho), amountText(study[part].delta)]),
    ),
    ...factLines([
      ['epsilon, found', `${study.epsilon}, ${study.attacker}`],
      ['people of epochs', study.epochs.length === 0 ? 'no cohort' : study.epochs.join(', ')],
      ...(keptUntil === null ? [] : [['kept until', keptUntil] as const]),
      ...countries.map(
        ({ country, limit }) => [`limit ${country}`, amountText(limit.rho)] as const,
      ),
      ...(approval === undefined
        ? []
        : [
            [
              'approval',
              `above rho ${approval.above}: ${approval.stewards} stewards of every holder`,
            ] as const,
          ]),
      ...analysts.map(
        ({ analyst, used, left }) =>
          [
            `analyst ${analyst}`,
            `used ${amountText(used.rho)}${left === undefined ? '' : `, left ${amountText(left.rho)}`}`,
          ] as const,
      ),
      ...(study.honestHolders > 1
        ? [
            [
              'no-collusion mode',
              `by consent of all stewards, ${study.honestHolders} holders must be honest: if all others collude, a person bears ${study.honestHolders} times what is spent on pooled tables`,
            ] as const,
          ]
        : []),
    ]),
  ];
}

/** Queries that wait for stewards. */
export const waitingLines = (waiting: readonly WaitingRun[]): string[] =>
  waiting.flatMap(({ run, title, rho, analyst, words, given, need }) => [
    plain(`${title}: ${analyst} asks, price rho ${amountText(rho)}, ${given} of ${need} approved`),
    `  ${plain(words)}`,
    `  run ${run}`,
  ]);

export function budgetLines(budget: BudgetAnswer): string[] {
  const { holder, studies, waiting } = budget;
  return [
    `holder ${holder}`,
    '',
    ...epochLines(budget),
    ...studies.flatMap(studyLines),
    ...(waiting.length === 0 ? [] : ['', 'waiting for approval', ...waitingLines(waiting)]),
    '',
    ...READING,
  ];
}

/** `people ±9.6, hba1c ±0.12`. */
export const expectedText = (expected: HistoryAnswer['queries'][number]['expected']): string =>
  expected
    .map(
      ({ measure, halfWidth }) => `${measure} ±${decimalPlaces(halfWidth, placesFor(halfWidth))}`,
    )
    .join(', ');

export function historyLines({ queries, grants, withdrawals, deletions }: HistoryAnswer): string[] {
  if (queries.length === 0 && grants.length === 0) return ['nothing yet'];
  return [
    ...queries.flatMap((query) => [
      plain(
        `${query.at}  ${query.state}${query.code === undefined ? '' : ` (${query.code})`}  ${query.analyst}, ${query.title}`,
      ),
      `  ${plain(query.words)}`,
      `  price rho ${amountText(query.price)}${query.charged ? '' : ', not charged'}; expected ${plain(expectedText(query.expected))}`,
      `  a colluding holder: epsilon ${query.colluder.epsilon}, finds ${query.colluder.attacker} of 100; an outsider: ${query.outsider.epsilon}, ${query.outsider.attacker} (${query.outsider.law})`,
      `  run ${query.run}`,
    ]),
    ...grants.map(({ at, rho, reason }) => plain(`${at}  grant of rho ${rho ?? '0/1'}: ${reason}`)),
    ...withdrawals.map(({ at, people }) => `${at}  ${people} people withdrew`),
    ...deletions.map(({ at, study }) => `${at}  rows of study ${study} deleted`),
  ];
}

/** A grant before somebody signs it. */
export function grantLines(study: Study, signed: SignedGrant): string[] {
  const { grant } = signed;
  const eyes = grantEyes(study, signed);
  return [
    plain(`grant ${grant.id} for ${study.title}`),
    ...factLines([
      ['reason', grant.reason],
      ['proposed by', `a steward of ${grant.proposer.holder}`],
      ['until', grant.expires.toISOString()],
      ...[...grant.amounts].map(
        ([holder, { rho, delta }]) =>
          [
            `added at ${holder}`,
            `rho ${amountText(rho.toString())}, delta ${delta.toString()}`,
          ] as const,
      ),
      ...eyes.map(
        ({ holder, given, need }) => [`signed at ${holder}`, `${given} of ${need}`] as const,
      ),
    ]),
  ];
}
