/**
 * How a ledger goes on that came back from a backup (rulings 19): its own end is missing, and other
 * holders saw some of it.
 *
 *     own entries      1 … b                          what the backup has
 *     others saw               b+1 … m                this holder's own signed reservations
 *     goes on                             m+1 …       restore, then a recover for each study
 *
 * The restore entry names the last own entry and has the last seen one as its predecessor, so that who
 * saw that one sees a ledger that continues it. What it cannot tell apart it counts as spent: every
 * run that was under way, and, in each study, the largest sum of spent and reserved that anybody was
 * told. Over-counting is allowed, under-counting never (rulings 18).
 *
 * Whom that falls on is lost.ts. Reservations say enough. What a holder touches it has reserved, and told the others,
 * before anything of it leaves (flows/pooled/reserve.ts), and each one tells the whole sum of its study; what was
 * reserved and told to nobody was not answered. The other entries behind a backup need no mirror:
 *
 *     grant            booked again behind the restore entry, of every study that this holder had accepted
 *     amend            booked again behind that, once the version is here (holder/recovery-studies.ts)
 *     raise            lost, less may be spent; repeated, each counts once, by its digest
 *     load, unload     lost, the files are loaded again; people who are new then bear what may have been charged
 *     vector, settle   lost, a run is charged again for the same question (rulings 19)
 *     abort            lost, or what took the place of an aborted run: counted as spent
 *     disclosures      told with reservations, and counted
 *     a stop           is no entry: the holder's own word is taken back, also from the others (flows/recovery.ts)
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { append } from './chain.ts';
import {
  type Amount,
  amountText,
  checkBody,
  checkTime,
  type Entry,
  type EntryBody,
  entryHash,
  type LedgerHead,
} from './entry.ts';
import { grantEntry } from './filter.ts';
import { fold } from './fold.ts';
import { sinceBackup } from './lost.ts';
import type { LedgerState } from './state.ts';

/**
 * The restore entry behind `own`, the head of a backup; `seen` is the largest head that anybody was shown.
 * Refuses with LEDGER_ROLLBACK where that is another entry in the place of an own one: the ledger was forked.
 */
export function appendRestore(own: LedgerHead, seen: LedgerHead | undefined, time: string): Entry {
  const forked = seen?.sequence === own.sequence && seen.hash !== own.hash;
  check(!forked, 'LEDGER_ROLLBACK', `two entries ${own.sequence}`);
  const last = seen !== undefined && seen.sequence > own.sequence ? seen : own;
  const body: EntryBody = { type: 'restore', own: own.hash };
  checkTime(time);
  checkBody(body);
  const entry = { sequence: last.sequence + 1, previous: last.hash, time, body };
  return { ...entry, hash: entryHash(entry) };
}

/** What others saw of a study behind the backup: the largest sum of spent and reserved, and how often it disclosed. */
export type SeenOfStudy = { readonly used: Amount; readonly disclosures: number };

/** What a restore goes on from. */
export type RestoreSources = {
  /** The largest head that anybody was shown. */
  readonly seen: LedgerHead | undefined;
  readonly used: ReadonlyMap<Digest, SeenOfStudy>;
  /** Of every study that was accepted, also behind the backup: booked where it is not, so that its spending is. */
  readonly grants?: ReadonlyMap<Digest, Amount>;
};

/**
 * A restore entry, a grant for each study that has none, and a recover entry for each study with a grant of which
 * more was seen than is known.
 */
export function restoreEntries(
  state: LedgerState,
  { seen, used, grants = new Map() }: RestoreSources,
  time: string,
): Entry[] {
  const entries = [appendRestore(state.head, seen, time)];
  let after = fold(state, entries);
  const book = (body: EntryBody | undefined): void => {
    if (body === undefined) return;
    const entry = append(after.head, time, body);
    entries.push(entry);
    after = fold(after, [entry]);
  };
  for (const [study, amount] of grants) book(grantEntry(after, study, amount));
  for (const [study, one] of used)
    if (after.studies.has(study)) book(recoverEntry(after, study, one));
  return entries;
}

/** The entry that counts what was seen behind the backup, or undefined where that is nothing. */
function recoverEntry(
  state: Pick<LedgerState, 'studies' | 'runs' | 'ended'>,
  study: Digest,
  { used, disclosures }: SeenOfStudy,
): EntryBody | undefined {
  const { rho, delta } = sinceBackup(state, study, used);
  if (rho.sign() === 0 && delta.sign() === 0 && disclosures === 0) return undefined;
  const disclosed = disclosures === 0 ? {} : { disclosures: String(disclosures) };
  return { type: 'recover', study, ...amountText(used), ...disclosed };
}
