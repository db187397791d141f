/** The rules of jurisdictions that a study is held to, for the steward who is about to sign it. @module */
import type { HeldRule, Notice, Verdict } from '../study/rules/evaluate.ts';
import { inputWords } from './input-words.ts';
import { tableLines } from './table.ts';

const ruleRow = ({ holder, rule: { id, cites, says } }: HeldRule): string[] => [
  holder,
  id,
  cites,
  says,
];

const noticeText = ({ code, holder }: Notice): string =>
  `not checked${holder === undefined ? '' : ` at ${holder}`}: ${inputWords(code)}`;

/** Rules with their citations, and what no rule was applied to. */
export function ruleLines({ rules, notices }: Verdict): string[] {
  const titles = ['holder', 'rule', 'cites', 'which says'].map((title) => ({ title }));
  return [
    ...(rules.length === 0 ? [] : tableLines(titles, rules.map(ruleRow))),
    ...notices.map(noticeText),
    'A technical check of these words, not legal advice.',
  ];
}

/** The same for a script. */
export const ruleJson = ({ rules, notices }: Verdict): object => ({
  rules: rules.map(({ holder, rule: { id, cites } }) => ({ holder, rule: id, cites })),
  notices: notices.map(({ code, holder = null }) => ({ code, holder })),
});
