/** A study in plain words, for the steward who is about to sign it. @module */
import type { Study, StudyHolder } from './agreement.ts';

function holderLines(study: Study<unknown>, holder: StudyHolder): string[] {
  const { need, keys } = holder.stewards;
  const budget = study.budget.get(holder.name);
  return [
    `  ${holder.name} (${holder.country}), legal basis: ${holder.legalBasis}`,
    `    identity key ${holder.identity}`,
    `    approval by ${need} of ${keys.length} stewards: ${keys.join(', ')}`,
    `    privacy budget: rho ${budget?.rho.toString() ?? '-'}, delta ${budget?.delta.toString() ?? '-'}`,
  ];
}

function honesty(study: Study<unknown>): string {
  const [h, n] = [study.honestHolders, study.holders.length];
  return h === 1
    ? 'Every holder adds the full noise: its people stay protected if all other holders collude.'
    : `Noise in pooled results assumes that at least ${h} of ${n} holders are honest.`;
}

/**
 * The whole agreement, a line an entry. `codebook` says the same of the cohort section
 * (cohort/codebook.ts): study and cohort do not know each other.
 */
export const describeStudy = (study: Study<unknown>, codebook: readonly string[]): string[] => [
  `Study ${study.id}`,
  `Title: ${study.title}`,
  `Purpose: ${study.purpose}`,
  `Last day: ${study.expires} (UTC)`,
  'Holders:',
  ...study.holders.flatMap((holder) => holderLines(study, holder)),
  'Analysts:',
  ...study.analysts.map(({ name, key }) => `  ${name} ${key}`),
  `Allowed operations: ${study.operations.join(', ')}`,
  `Released counts below ${study.minimumCell}, after noise, are withheld.`,
  honesty(study),
  'Cohort:',
  ...codebook.map((line) => `  ${line}`),
];
