/** The versions of a study in words: what each changed, who signed it. @module */
import type { SignedStudy, Study } from '../flows/study-terms.ts';
import { amendmentOf, narrows } from '../study/amendment.ts';
import { approvals } from '../study/signatures.ts';
import { tableLines } from './table.ts';

/** What a version changes of the one before it. */
export function changeLines(study: Study): string[] {
  const changes = amendmentOf(study);
  const when = narrows(changes)
    ? 'it only takes away: it binds each holder that has it with the signatures of one'
    : 'it is in force once stewards of every holder have signed it';
  return [
    `version ${study.version} of study ${study.id}`,
    `digest ${study.agreement}: ${when}`,
    ...tableLines(
      ['change', 'effect'].map((title) => ({ title })),
      changes.map(({ words, effect }) => [words, effect]),
    ),
  ];
}

/** Every version, the first one first; nothing where there is only one. */
export function historyLines({ study, signatures, history = [] }: SignedStudy): string[] {
  if (history.length === 0) return [];
  const rows = [...history, { study, signatures }].flatMap((version) => {
    const { agreement, version: number } = version.study;
    const given = approvals(version).map(({ holder, given, need }) => `${holder} ${given}/${need}`);
    const words = amendmentOf(version.study).map((change) => `${change.words} (${change.effect})`);
    return [
      [String(number), agreement.slice(0, 16), given.join(', '), words[0] ?? 'as first signed'],
      ...words.slice(1).map((more) => ['', '', '', more]),
    ];
  });
  const titles = ['version', 'digest', 'signed', 'changes'].map((title) => ({ title }));
  return ['', ...tableLines(titles, rows)];
}

/** The same for a script. */
export const historyJson = ({ study, signatures, history = [] }: SignedStudy): object[] =>
  [...history, { study, signatures }].map((version) => ({
    version: version.study.version,
    agreement: version.study.agreement,
    approvals: approvals(version),
    changes: amendmentOf(version.study),
  }));
