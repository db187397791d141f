/**
 * The hash chain over a ledger's entries: append, and verify.
 *
 * hash_i = SHA-256 over (domain, JCS of { sequence, previous, time, body }), previous =
 * hash_(i−1), starting from a value made of the holder's name. Assumption: SHA-256 is collision
 * resistant. Then a head fixes every entry before it: one that is altered, removed, moved or
 * added is found. What a chain alone cannot show is that its end is missing: mirror.ts does that, and
 * restore.ts says how a ledger whose end is missing goes on.
 * @module
 */
import { check } from '../base/errors.ts';
import {
  checkBody,
  checkTime,
  type Entry,
  type EntryBody,
  entryHash,
  headOf,
  type LedgerHead,
} from './entry.ts';

/** The entry that follows `head`. It is not in the ledger before it is durable. */
export function append(head: LedgerHead, time: string, body: EntryBody): Entry {
  checkTime(time);
  checkBody(body);
  const entry = { sequence: head.sequence + 1, previous: head.hash, time, body };
  check(Number.isSafeInteger(entry.sequence), 'PROTOCOL_STATE', 'ledger sequence');
  return { ...entry, hash: entryHash(entry) };
}

/**
 * True where `entry` stands behind `head`: next to it, or, of a ledger that came back from a backup,
 * behind a later entry that is known to others only (restore.ts).
 */
export function standsBehind(head: LedgerHead, { sequence, previous, body }: Entry): boolean {
  if (sequence === head.sequence + 1 && previous === head.hash)
    return body.type !== 'restore' || body.own === head.hash;
  return body.type === 'restore' && sequence > head.sequence + 1 && body.own === head.hash;
}

/** True when `entry` follows `head` and its hash is right. */
function follows(head: LedgerHead, entry: Entry): boolean {
  if (!standsBehind(head, entry)) return false;
  try {
    checkTime(entry.time);
    checkBody(entry.body);
    return entryHash(entry) === entry.hash;
  } catch {
    return false; // what cannot be checked or hashed was not appended by this code
  }
}

/**
 * The head after `entries`, which must continue `from`: `emptyHead(holder)` for a whole
 * ledger, or a head seen before. Refuses with LEDGER_CORRUPT.
 */
export function verifyChain(from: LedgerHead, entries: Iterable<Entry>): LedgerHead {
  let head = from;
  for (const entry of entries) {
    check(follows(head, entry), 'LEDGER_CORRUPT', `entry ${head.sequence + 1}`);
    head = headOf(entry);
  }
  return head;
}
