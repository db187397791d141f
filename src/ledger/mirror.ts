/**
 * What a holder remembers of another holder's ledger: the largest head it has seen.
 *
 * A ledger that was rolled back to spend the same budget twice shows a smaller sequence, or
 * another hash at the same one. A fork that runs ahead with other entries is found by
 * `verifyChain` from the remembered head over the entries that mirrors hold in full within a
 * study.
 * @module
 */
import { check } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import type { LedgerHead } from './entry.ts';

/** Refuses with LEDGER_ROLLBACK unless `now` may come after `previousSeen`. */
export function checkHead(previousSeen: LedgerHead | undefined, now: LedgerHead): void {
  check(
    Number.isSafeInteger(now.sequence) && now.sequence >= 0 && DIGEST_PATTERN.test(now.hash),
    'MALFORMED_MESSAGE',
    'ledger head',
  );
  if (previousSeen === undefined) return;
  const seen = `head ${now.sequence} after ${previousSeen.sequence}`;
  check(now.sequence >= previousSeen.sequence, 'LEDGER_ROLLBACK', seen);
  check(
    now.sequence > previousSeen.sequence || now.hash === previousSeen.hash,
    'LEDGER_ROLLBACK',
    `${seen}, another hash`,
  );
}
