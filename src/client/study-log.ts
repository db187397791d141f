/**
 * The log of a study out of the API, verified: entry by entry against the checkpoints that every
 * holder of the study co-signed. A sandbox that alters, drops or reorders one is found out here.
 * @module
 */
import type { Static } from 'typebox';
import { readErasure, type SignedErasure } from '../audit/erasure.ts';
import { EXCERPT_FORMAT, type Excerpt, type VerifiedLog, verifyExcerpt } from '../audit/excerpt.ts';
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { SignedStudy } from '../flows/study-terms.ts';
import { signedJson } from '../study/signatures.ts';
import type { LogCheckpoints, LogEntries, LogStatements } from './answers.ts';

export type FetchedLog = { readonly excerpt: Excerpt; readonly verified: VerifiedLog };

export type LogPages = {
  readonly checkpoints: () => Promise<Static<typeof LogCheckpoints>>;
  readonly entries: (from: number) => Promise<Static<typeof LogEntries>>;
  readonly statements: (from: number) => Promise<Static<typeof LogStatements>>;
};

export async function fetchLog(signed: SignedStudy, pages: LogPages): Promise<FetchedLog> {
  // Checkpoints first: entries that come in meanwhile are then behind them.
  const { checkpoints } = await pages.checkpoints();
  const entries: Excerpt['entries'] = [];
  for (let size = 1; entries.length < size; ) {
    const page = await pages.entries(entries.length);
    size = page.size;
    const grows = page.entries.length > 0 || entries.length >= size;
    check(grows && page.from === entries.length, 'SANDBOX_RESPONSE', 'entries of a log');
    entries.push(...page.entries);
  }
  const statements: SignedErasure[] = [];
  for (let more = true; more; ) {
    const page = await pages.statements(statements.length);
    more = page.statements.length > 0;
    statements.push(...page.statements.map((one) => readErasure(one as Json)));
  }
  const study = signedJson(signed);
  const excerpt: Excerpt = { format: EXCERPT_FORMAT, study, entries, checkpoints, statements };
  const identities = new Map(
    signed.study.holders.map(({ name, identity }) => [name, identity] as const),
  );
  return { excerpt, verified: verifyExcerpt(excerpt, signed.study.id, identities) };
}
