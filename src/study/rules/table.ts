/**
 * The rules of jurisdictions that a study is held to, as data: one row, one provision.
 *
 * This is a technical check of the words that a study signs, not legal advice. It finds a draft that
 * contradicts its own legal basis; that a draft passes says nothing about whether processing is lawful.
 * A row is here only where a provision can be cited and a study states the fact that it turns on. Every
 * row takes the columns of a study to be data concerning health (GDPR Art. 4(15); a medical history is
 * special care-required personal information, APPI Art. 2(3)).
 *
 * Not checked: whether a legal basis is there in fact (consent, an ethics vote, a permit), law of Member
 * States, transfers to third countries (GDPR chapter V, APPI Art. 28), time limits, from which day a
 * provision applies, what institutions the holders are, and any country or law without a row below.
 *
 * Sources   Regulation (EU) 2016/679 (GDPR); Regulation (EU) 2025/327 (EHDS), chapter IV; Act on the
 *           Protection of Personal Information, Act No. 57 of 2003 as in force since April 2022 (APPI);
 *           guideline of the Ministry of Health, Labour and Welfare on the use of the NDB.
 * @module
 */

export type Jurisdiction = 'EU' | 'JP';

/** A regulation is directly applicable in every one of them (TFEU Art. 288). */
const MEMBER_STATES =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK';

/** Countries as in a study (ISO 3166-1 alpha-2). */
export const JURISDICTIONS: ReadonlyMap<string, Jurisdiction> = new Map<string, Jurisdiction>([
  ...MEMBER_STATES.split(' ').map((country): [string, Jurisdiction] => [country, 'EU']),
  ['JP', 'JP'],
]);

/** Laws that a legal basis may name, by jurisdiction, and other ways to write them. */
export const LAWS: Readonly<Record<Jurisdiction, Readonly<Record<string, readonly string[]>>>> = {
  EU: { GDPR: ['Regulation (EU) 2016/679'], EHDS: ['Regulation (EU) 2025/327'] },
  JP: { APPI: [], NDB: [] },
};

/** Purposes that rules know, and other words for them. A study may say anything else. */
export const PURPOSES = {
  research: ['scientific research', 'academic research'],
  statistics: ['official statistics'],
  archiving: [],
  'public health': [],
  education: ['teaching'],
  care: [],
  marketing: ['advertising'],
  insurance: [],
  employment: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Purpose = keyof typeof PURPOSES;

/** What a study must be like under a rule. */
export type Demand =
  | { readonly kind: 'other basis' }
  | { readonly kind: 'purpose'; readonly among: readonly Purpose[] }
  | { readonly kind: 'no purpose'; readonly among: readonly Purpose[] }
  | { readonly kind: 'no output'; readonly among: readonly string[] }
  | { readonly kind: 'minimum cell'; readonly atLeast: number };

export type Rule = {
  /** Stable: refusals name it. */
  readonly id: string;
  readonly jurisdiction: Jurisdiction;
  readonly cites: string;
  /** For the steward who is about to sign. */
  readonly says: string;
  readonly law: string;
  /** Holds where the legal basis names one of these provisions, or the law alone where none is given. */
  readonly under: readonly string[];
  /** But not where it also names one of these. A provision stands for its parts. */
  readonly unless: readonly string[];
  readonly demand: Demand;
};

const points = (article: string, letters: string): string[] =>
  letters.split(' ').map((letter) => `${article}(${letter})`);

export const RULES: readonly Rule[] = [
  {
    id: 'gdpr-9-1',
    jurisdiction: 'EU',
    cites: 'GDPR Art. 9(1), 9(2)',
    says: 'data concerning health need a condition of Art. 9(2) beside the basis of Art. 6',
    law: 'GDPR',
    under: ['6'],
    unless: ['9(2)'],
    demand: { kind: 'other basis' },
  },
  {
    id: 'gdpr-9-2-i',
    jurisdiction: 'EU',
    cites: 'GDPR Art. 9(2)(i), recital 54',
    says: 'what is processed for public health is not processed for employers or insurers',
    law: 'GDPR',
    under: ['9(2)(i)'],
    unless: points('9(2)', 'a b c d e f g h j'),
    demand: { kind: 'no purpose', among: ['insurance', 'employment'] },
  },
  {
    id: 'gdpr-9-2-j',
    jurisdiction: 'EU',
    cites: 'GDPR Art. 9(2)(j), 89(1)',
    says: 'the purpose is archiving, research or statistics',
    law: 'GDPR',
    under: ['9(2)(j)'],
    unless: points('9(2)', 'a b c d e f g h i'),
    demand: { kind: 'purpose', among: ['archiving', 'research', 'statistics'] },
  },
  {
    id: 'ehds-54',
    jurisdiction: 'EU',
    cites: 'Regulation (EU) 2025/327 Art. 54, recital 62',
    says: 'no secondary use for advertising, insurance contracts or job offers',
    law: 'EHDS',
    under: [],
    unless: [],
    demand: { kind: 'no purpose', among: ['marketing', 'insurance', 'employment'] },
  },
  {
    id: 'ehds-53-1',
    jurisdiction: 'EU',
    cites: 'Regulation (EU) 2025/327 Art. 53(1)',
    says: 'the purpose is one of the list: public health, statistics, education, research, care, or policy',
    law: 'EHDS',
    under: [],
    unless: [],
    demand: {
      kind: 'purpose',
      among: ['public health', 'statistics', 'education', 'research', 'care'],
    },
  },
  {
    id: 'ehds-69',
    jurisdiction: 'EU',
    cites: 'Regulation (EU) 2025/327 Art. 69',
    says: 'a health data request is answered in an anonymised statistical format: nobody learns who is in both',
    law: 'EHDS',
    under: ['69'],
    unless: ['68'],
    demand: { kind: 'no output', among: ['set', 'ids'] },
  },
  {
    id: 'appi-27-2',
    jurisdiction: 'JP',
    cites: 'APPI Art. 27(2) proviso, Art. 2(3)',
    says: 'special care-required personal information is not provided to others by opt-out',
    law: 'APPI',
    under: ['27(2)'],
    unless: ['27(1)', '27(5)'],
    demand: { kind: 'other basis' },
  },
  {
    id: 'appi-27-1-v',
    jurisdiction: 'JP',
    cites: 'APPI Art. 27(1)(v)',
    says: 'an academic institution publishes or teaches results of academic research',
    law: 'APPI',
    under: ['27(1)(v)'],
    unless: [...points('27(1)', 'i ii iii iv vi vii'), '27(5)'],
    demand: { kind: 'purpose', among: ['research', 'education'] },
  },
  {
    id: 'appi-27-1-vi-vii',
    jurisdiction: 'JP',
    cites: 'APPI Art. 27(1)(vi), 27(1)(vii)',
    says: 'personal data are provided by or to an academic institution for academic research',
    law: 'APPI',
    under: points('27(1)', 'vi vii'),
    unless: [...points('27(1)', 'i ii iii iv v'), '27(5)'],
    demand: { kind: 'purpose', among: ['research'] },
  },
  {
    // The study's rule acts on the noised count, which is what is shown.
    id: 'ndb-smallest-cell',
    jurisdiction: 'JP',
    cites:
      'MHLW guideline on the use of the NDB, principle of the smallest cell (最小集計単位の原則)',
    says: 'no cell below 10 people is shown',
    law: 'NDB',
    under: [],
    unless: [],
    demand: { kind: 'minimum cell', atLeast: 10 },
  },
];
