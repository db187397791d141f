/** A study in words, for the steward who is about to sign it. @module */
import { columnWords, mapWords } from '../cohort/codebook.ts';
import type { Language } from '../cohort/column-shape.ts';
import { columnLabel } from '../cohort/labels.ts';
import type { CohortSection } from '../cohort/schema.ts';
import { agreedImages, type SignedStudy, type Study } from '../flows/study-terms.ts';
import { type ImageClause, READS_ROWS } from '../study/image-clause.ts';
import { type Approval, approvals } from '../study/signatures.ts';
import { rulesOf } from '../study/rules/evaluate.ts';
import { historyJson, historyLines } from './amendment-view.ts';
import { ruleJson, ruleLines } from './rule-view.ts';
import { imageFacts } from './image-file.ts';
import { amountText } from './number-text.ts';
import { factLines, tableLines } from './table.ts';

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

const statusText = ({ given, need }: Approval): string =>
  given >= need ? 'signed' : `${given} of ${need} signatures`;

function holderRows(study: Study, signed: readonly Approval[]): string[][] {
  return study.holders.map(({ name, country, legalBasis }) => {
    const budget = study.budget.get(name);
    const approval = signed.find(({ holder }) => holder === name);
    return [
      name,
      country,
      legalBasis,
      String(study.cohort.declaredSize[name] ?? ''),
      budget === undefined ? '' : amountText(budget.rho.toString()),
      budget === undefined ? '' : budget.delta.toString(),
      approval === undefined ? '' : statusText(approval),
    ];
  });
}

/** Keys are what parties compare with each other: a name proves nothing. */
const keyRows = ({ holders, analysts }: Study): string[][] => [
  ...holders.flatMap(({ name, identity, stewards }) => [
    [name, 'identity', identity],
    ...stewards.keys.map((key) => [name, 'steward', key]),
  ]),
  ...analysts.map(({ name, key }) => [name, 'analyst', key]),
];

/** What every column is called, where it is called anything, and what it holds. */
function codebookLines({ columns }: CohortSection, language: Language): string[] {
  const rows = Object.entries(columns).map(([name, spec]) => ({
    name,
    label: columnLabel(spec, language),
    words: columnWords(name, spec, language),
  }));
  const labelled = rows.some(({ label }) => label !== undefined);
  return tableLines(
    ['column', ...(labelled ? ['called'] : []), 'holds'].map((title) => ({ title })),
    rows.map(({ name, label, words }) => (labelled ? [name, label ?? name, words] : [name, words])),
  );
}

const honestText = ({ honestHolders: h, holders }: Study): string =>
  h === 1
    ? `1 of ${holders.length} must be`
    : `${h} of ${holders.length} must be: no-collusion mode, by the signatures of all stewards. Noise of pooled tables is shared; if all others of a holder work together, its people bear ${h} times the price`;

/** Ceilings beside the budget, and what waits for stewards. */
function governanceFacts({ ceilings, approval }: Study): [string, string][] {
  const { analyst, countries } = ceilings;
  return [
    ...(analyst === undefined
      ? []
      : [
          ['each analyst', `at most rho ${amountText(analyst.rho.toString())}`] as [string, string],
        ]),
    ...[...countries].map(([country, { rho }]): [string, string] => [
      `a person in ${country}`,
      `at most rho ${amountText(rho.toString())} over its holders`,
    ]),
    ...(approval === undefined
      ? []
      : [
          [
            'approval',
            `queries above rho ${amountText(approval.above.toString())} wait for ${count(approval.stewards, 'steward')} of every holder`,
          ] as [string, string],
        ]),
  ];
}

const TOLD: Readonly<Record<string, string>> = {
  set: 'who is in both',
  cardinality: 'exactly how many are in both',
  ids: 'common ids for all their people',
};

/** What linking people gives away, in the words that a steward signs. */
function linkageFacts({ linkage }: Study): [string, string][] {
  if (linkage === undefined) return [['linkage', 'none: nobody is found in two cohorts']];
  const { outputs, disclosures, cardinality } = linkage;
  const told = outputs.flatMap((output) => TOLD[output] ?? []);
  return [
    [
      'linkage',
      `people in two cohorts, for ${outputs.join(', ')}; the sandbox sees their noised number (epsilon ${cardinality.epsilon.toString()}) and, together with one holder, which of its people they are`,
    ],
    ...(told.length === 0
      ? []
      : [
          [
            'disclosed',
            `to both holders, ${count(disclosures, 'time')} at most, without a price: ${told.join('; ')}`,
          ] as [string, string],
        ]),
  ];
}

const WALLS = {
  bubblewrap: 'bubblewrap, nothing of the machine in sight',
  process: 'a process of its own, one wall less',
} as const;

/** Where a program runs, and what that means for rows and price. */
function placeFacts(sandbox: ImageClause['sandbox'], walls: string): [string, string][] {
  if (sandbox === undefined) {
    return [['runs', `at every holder, over its own rows, behind ${walls}`]];
  }
  return [
    [
      'runs',
      `IN THE SANDBOX of ${sandbox.operator}, over rows that every holder uploads, behind ${walls}`,
    ],
    ['agreed', READS_ROWS],
    [
      'price',
      'holds against an analyst only where that operator follows the plan and tells nobody the rows',
    ],
    ['operator', sandbox.key],
  ];
}

/** Programs that may run over every holder's rows, with what they may do there. */
const imageLines = (study: Study): [string, string][] =>
  agreedImages(study).flatMap(({ digest, declaration, boundary, sandbox, signers }) => [
    ...imageFacts({ digest, declaration }),
    ...placeFacts(sandbox, WALLS[boundary]),
    [
      'needs',
      `the signature of its author ${signers.author} and ${signers.parties.need} of ${signers.parties.keys.join(', ')}`,
    ] as [string, string],
  ]);

/** Everything that a signature would approve. Refuses with SIGNATURE_REJECTED a wrong signature. */
export function studyLines(signed: SignedStudy, language: Language = 'en'): string[] {
  const { study } = signed;
  const { cohort } = study;
  return [
    ...factLines([
      ['study', study.id],
      ...(study.version === 1
        ? []
        : [['version', `${study.version}, digest ${study.agreement}`] as const]),
      ['title', study.title],
      ['purpose', study.purpose],
      ['expires', `${study.expires} (last day, UTC)`],
      ['analysts', study.analysts.map(({ name }) => name).join(', ')],
      ['operations', study.operations.join(', ')],
      [
        'a person counts',
        `in at most ${count(cohort.rowsPerPerson, 'row')} and ${count(cohort.cellsPerPerson, 'cell')}`,
      ],
      ['honest holders', honestText(study)],
      ...governanceFacts(study),
      ...linkageFacts(study),
      ...imageLines(study),
      ['minimum cell', `${study.minimumCell} (smaller noised values are not shown)`],
      ...(study.rounding === undefined
        ? []
        : [['rounding', `counts in multiples of ${study.rounding}`] as const]),
      ['no value', `also the entries ${cohort.nulls.map((text) => `"${text}"`).join(', ')}`],
    ]),
    '',
    ...tableLines(
      ['holder', 'country', 'legal basis', 'people', 'budget rho', 'delta', 'approval'].map(
        (title) => ({ title }),
      ),
      holderRows(study, approvals(signed)),
    ),
    ...historyLines(signed),
    '',
    ...ruleLines(rulesOf(study)),
    '',
    ...tableLines(
      ['party', 'key', 'public form'].map((title) => ({ title })),
      keyRows(study),
    ),
    '',
    ...codebookLines(cohort, language),
    ...mapWords(cohort),
  ];
}

/** The same for a script. */
export function studyJson(signed: SignedStudy): object {
  const { study } = signed;
  const status = approvals(signed);
  return {
    study: study.id,
    ...(study.version > 1 && {
      version: study.version,
      agreement: study.agreement,
      history: historyJson(signed),
    }),
    title: study.title,
    expires: study.expires,
    signed: status.every(({ given, need }) => given >= need),
    approvals: status,
    ...ruleJson(rulesOf(study)),
    draft: study.draft,
  };
}
