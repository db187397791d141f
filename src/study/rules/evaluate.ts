/**
 * Which rules of table.ts hold for a study, and what breaks them.
 *
 * Every holder brings the rules of its country. All must pass for the whole study, so where two
 * disagree the stricter wins: one prohibition refuses what others allow, and the largest minimum
 * counts. What the table does not know is a notice, never a refusal.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { Study } from '../agreement.ts';
import { type Provision, provisionsOf, purposeOf } from './facts.ts';
import { type Demand, JURISDICTIONS, type Rule, RULES } from './table.ts';

/** The public facts that rules read. */
export type RuleFacts = Pick<Study<unknown>, 'purpose' | 'minimumCell'> & {
  readonly holders: readonly Pick<
    Study<unknown>['holders'][number],
    'name' | 'country' | 'legalBasis'
  >[];
  readonly linkage: { readonly outputs: readonly string[] } | undefined;
};

export type HeldRule = { readonly holder: string; readonly rule: Rule; readonly broken: boolean };

export type NoticeCode = 'NO_RULES_FOR_COUNTRY' | 'LEGAL_BASIS_UNKNOWN' | 'PURPOSE_UNKNOWN';

/** Something that was not checked; `holder` is undefined where it is the study's. */
export type Notice = { readonly code: NoticeCode; readonly holder: string | undefined };

export type Verdict = {
  /** The strictest first; each holder's in the order of the table. */
  readonly rules: readonly HeldRule[];
  readonly notices: readonly Notice[];
};

/** "9(2)" stands for "9(2)(j)" as well, and "6" not for "61". */
const within = (provision: string, whole: string): boolean =>
  provision === whole || provision.startsWith(`${whole}(`);

function applies({ law, under, unless }: Rule, named: readonly Provision[]): boolean {
  const provisions = named.flatMap((one) => (one.law === law ? [one.provision] : []));
  const names = (some: readonly string[]): boolean =>
    provisions.some((provision) => some.some((whole) => within(provision, whole)));
  return provisions.length > 0 && (under.length === 0 || names(under)) && !names(unless);
}

function breaks(demand: Demand, { purpose, minimumCell, linkage }: RuleFacts): boolean {
  const known = purposeOf(purpose);
  switch (demand.kind) {
    case 'other basis':
      return true;
    case 'purpose':
      return known !== undefined && !demand.among.includes(known);
    case 'no purpose':
      return known !== undefined && demand.among.includes(known);
    case 'no output':
      return linkage?.outputs.some((output) => demand.among.includes(output)) ?? false;
    case 'minimum cell':
      return minimumCell < demand.atLeast;
  }
}

/** A prohibition is stricter than any minimum, a larger minimum than a smaller one. */
const strictness = ({ demand }: Rule): number =>
  demand.kind === 'minimum cell' ? demand.atLeast : Infinity;

function stricter(a: HeldRule, b: HeldRule): number {
  if (a.broken !== b.broken) return a.broken ? -1 : 1;
  const [left, right] = [strictness(a.rule), strictness(b.rule)];
  return left === right ? 0 : right - left;
}

/** Every rule that holds for a holder of the study, and what could not be checked. */
export function rulesOf(study: RuleFacts, table: readonly Rule[] = RULES): Verdict {
  const rules: HeldRule[] = [];
  const notices: Notice[] = [];
  for (const { name: holder, country, legalBasis } of study.holders) {
    const jurisdiction = JURISDICTIONS.get(country);
    if (jurisdiction === undefined) {
      notices.push({ code: 'NO_RULES_FOR_COUNTRY', holder });
      continue;
    }
    const named = provisionsOf(legalBasis, jurisdiction);
    if (named === undefined) notices.push({ code: 'LEGAL_BASIS_UNKNOWN', holder });
    for (const rule of table) {
      if (rule.jurisdiction !== jurisdiction || !applies(rule, named ?? [])) continue;
      rules.push({ holder, rule, broken: breaks(rule.demand, study) });
    }
  }
  if (purposeOf(study.purpose) === undefined) {
    notices.push({ code: 'PURPOSE_UNKNOWN', holder: undefined });
  }
  return { rules: rules.sort(stricter), notices };
}

/** Refuses with RULE_REFUSED a study that breaks a rule of a holder's country, naming the strictest. */
export function checkRules(study: RuleFacts, table: readonly Rule[] = RULES): void {
  const [first, ...others] = rulesOf(study, table).rules.filter(({ broken }) => broken);
  if (first === undefined) return;
  const { holder, rule } = first;
  const rest = others.map((one) => `${one.rule.id} at ${one.holder}`);
  const detail = [rule.says, ...rest].join('; also ');
  throw new Refusal('RULE_REFUSED', detail, { holder, rule: rule.id, cites: rule.cites });
}
