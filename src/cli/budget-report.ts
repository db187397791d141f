/**
 * The report of a holder for its data protection officer: Markdown, to be read from top to bottom by
 * somebody who knows the law and not the mathematics.
 * @module
 */
import type { BudgetAnswer, HistoryAnswer } from './budget-answers.ts';
import { expectedText } from './budget-view.ts';
import { amountText } from './number-text.ts';
import { plain } from './table.ts';

/** Text of others inside a table of Markdown. */
const cell = (text: string): string => plain(text).replaceAll('|', '\\|');

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0
    ? ['None.']
    : [
        `| ${titles.join(' | ')} |`,
        `|${titles.map(() => '---').join('|')}|`,
        ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
      ];

const short = (id: string): string => id.slice(0, 12);

const HOW = [
  'Every answer that left this institution carries random noise, drawn here and nowhere else recorded in the',
  'clear, in an amount that was fixed before any data was read. What one person can lose by being in the data',
  'is bounded by the total below (rho, and epsilon for reading, at a delta of one in a million beside the delta',
  'that a few kinds of query are charged). "Found" is the',
  'same bound as an attack: somebody who knows the data of everybody else, sees every answer and accuses 1 of 100',
  'people wrongly finds at most so many of 100 people who are in the data; without any answer it would be 1.',
  'A colluding holder is an analyst together with the sandbox and all institutions that the study does not',
  "count on; an outsider sees the answers only. Where an answer says exact, the outsider's figures are by the law",
  'of the noise of all institutions together; elsewhere they are bounds.',
];

function people({ epochs }: BudgetAnswer): string[] {
  return table(
    [
      'epoch of people',
      'spent',
      'set aside',
      'limit',
      'left',
      'epsilon',
      'found of 100',
      'studies',
    ],
    epochs.map(({ epoch, spent, reserved, limit, left, epsilon, attacker, studies }) => [
      String(epoch),
      amountText(spent.rho),
      amountText(reserved.rho),
      limit === undefined ? 'none' : amountText(limit.rho),
      left === undefined ? '' : amountText(left.rho),
      epsilon,
      attacker,
      studies.map(short).join(', '),
    ]),
  );
}

type Query = HistoryAnswer['queries'][number];

/** A query that was refused told nobody anything; one that waits will tell what it costs. */
const learned = ({ charged, code }: Query, { epsilon, attacker }: Query['colluder']): string =>
  !charged && code !== undefined ? 'nothing' : `epsilon ${epsilon}, found ${attacker}`;

function studies(budget: BudgetAnswer): string[] {
  return budget.studies.flatMap((study) => {
    const { title, study: id, state, granted, signed, spent, left, approval } = study;
    return [
      '',
      `### ${cell(title)}`,
      '',
      `Study \`${id}\`, ${state}. Signed: rho ${amountText(signed.rho)}; granted in all: ${amountText(granted.rho)}; spent: ${amountText(spent.rho)}; left: ${amountText(left.rho)}. People of epochs: ${study.epochs.join(', ') || 'none loaded'}. ${study.keptUntil === null ? 'No last day is set for its rows.' : `Rows are kept until ${study.keptUntil}.`}`,
      ...(approval === undefined
        ? []
        : [
            `Queries above rho ${approval.above} wait until ${approval.stewards} stewards of every institution have approved them.`,
          ]),
      ...(study.honestHolders > 1
        ? [
            `**No-collusion mode**: all stewards consented to count on ${study.honestHolders} honest institutions. If all others work together, a person bears up to ${study.honestHolders} times the price of a pooled table.`,
          ]
        : []),
    ];
  });
}

export function reportText(budget: BudgetAnswer, history: HistoryAnswer, now: Date): string {
  const lines = [
    `# Privacy budget of ${budget.holder}`,
    '',
    `As of ${now.toISOString()}, from the ledger of this institution.`,
    '',
    ...HOW,
    '',
    '## What people bear',
    '',
    'People who were first loaded together are one epoch. What is spent on an epoch is borne by each of its',
    'people, over all studies, and is never refreshed by time.',
    '',
    ...people(budget),
    '',
    '## Studies',
    ...studies(budget),
    '',
    '## Queries',
    '',
    ...table(
      [
        'when',
        'who',
        'what',
        'price',
        'expected noise (95 %)',
        'ended',
        'colluding holder',
        'outsider',
      ],
      history.queries.map((query) => [
        query.at.slice(0, 16),
        query.analyst,
        query.words,
        `${amountText(query.price)}${query.charged ? '' : ', not charged'}`,
        expectedText(query.expected),
        query.code ?? query.state,
        learned(query, query.colluder),
        `${learned(query, query.outsider)}${query.outsider.law === 'exact' ? ' (exact)' : ''}`,
      ]),
    ),
    '',
    '## Who allowed what',
    '',
    ...table(
      ['when', 'what', 'study'],
      [
        ...history.grants.map(({ at, rho, reason, study }) => [
          at.slice(0, 16),
          `budget raised by rho ${rho ?? '0/1'}: ${reason}`,
          short(study),
        ]),
        ...history.approvals.map(({ at, verdict, plan, study, key }) => [
          at.slice(0, 16),
          `${key.slice(0, 20)}… ${verdict === 'deny' ? 'denied' : 'approved'} plan ${short(plan)}`,
          short(study),
        ]),
      ],
    ),
    '',
    '## Withdrawals and deletions',
    '',
    ...table(
      ['when', 'what'],
      [
        ...history.withdrawals.map(({ at, people: n }) => [
          at.slice(0, 16),
          `${n} people withdrew or objected; nobody counts them from then on`,
        ]),
        ...history.deletions.map(({ at, study }) => [
          at.slice(0, 16),
          `rows of study ${short(study)} deleted; a signed statement is kept`,
        ]),
      ],
    ),
  ];
  return `${lines.join('\n')}\n`;
}
