/**
 * The entries of a holder's ledger and the head that stands for all of them.
 *
 * An entry is what was decided, never what was computed from it: sums are folded by fold.ts.
 * Amounts are exact fractions as text (rulings 23), so that an entry is plain JSON and its
 * hash does not depend on who parsed it.
 * @module
 */
import { canonicalBytes } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../base/hash.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { Rational } from '../base/rational.ts';
import { transcriptDigest } from '../base/transcript.ts';

/** The last entry of a chain; what other holders mirror. `sequence` counts from 1, 0 is empty. */
export type LedgerHead = { readonly sequence: number; readonly hash: Digest };

/** An amount of approximate zCDP: Σrho and Σdelta are both limited (rulings 16). */
export type Amount = { readonly rho: Rational; readonly delta: Rational };

export type EntryBody =
  /** What a study may spend here. Once for each study. */
  | { readonly type: 'grant'; readonly study: Digest; readonly rho: string; readonly delta: string }
  /** Adds to it what stewards of every holder signed; once for each signed grant. */
  | {
      readonly type: 'raise';
      readonly study: Digest;
      readonly grant: Digest;
      readonly rho: string;
      readonly delta: string;
    }
  /**
   * Stewards of every holder amended the study: version `to` comes behind version `from`, and `rho` and
   * `delta` are what it says may be spent here in all. What is spent stays spent.
   */
  | {
      readonly type: 'amend';
      readonly study: Digest;
      readonly from: Digest;
      readonly to: Digest;
      readonly rho: string;
      readonly delta: string;
    }
  /** From here on queries of the study count these people (rulings 17). */
  | {
      readonly type: 'load';
      readonly study: Digest;
      /** Salted commitment to the rows. */
      readonly version: Digest;
      /** Epochs that its people belong to, ascending: `1,3`. */
      readonly epochs: string;
      /**
       * Where the last of them begins here: salted commitment to its people, who were never loaded
       * before, a digest. Else ''.
       */
      readonly people: string;
    }
  /** The rows are gone: nothing is counted for the study until another load. */
  | { readonly type: 'unload'; readonly study: Digest; readonly version: Digest }
  /** Set aside before data is touched; `commitment` is to the noise seed (rulings 20). */
  | {
      readonly type: 'reserve';
      readonly study: Digest;
      readonly run: Digest;
      readonly plan: Digest;
      readonly vectorKey: Digest;
      readonly rho: string;
      readonly delta: string;
      readonly commitment: Digest;
      /** Who asked, by name in the study. */
      readonly analyst?: string;
      /** What the run tells the holders beside its release, which no amount stands for (rulings 21). */
      readonly discloses?: string;
      /** The version of the study that was asked under, where it is an amended one. */
      readonly agreement?: Digest;
    }
  /** A run that answers with the noised vector that run `of` left behind. Costs nothing. */
  | {
      readonly type: 'replay';
      readonly study: Digest;
      readonly run: Digest;
      readonly plan: Digest;
      readonly vectorKey: Digest;
      readonly of: Digest;
      readonly agreement?: Digest;
    }
  /** From here on the reservation is spent. */
  | { readonly type: 'touch'; readonly run: Digest }
  /** The noised vector is durable; nothing has left yet. */
  | {
      readonly type: 'vector';
      readonly run: Digest;
      readonly vectorKey: Digest;
      readonly digest: Digest;
    }
  | { readonly type: 'settle'; readonly run: Digest; readonly release: Digest }
  /** Ends a reservation free: this holder has not touched data for it. */
  | { readonly type: 'abort'; readonly run: Digest }
  /**
   * This holder came back from a backup whose last entry was `own` (restore.ts): it goes on behind the
   * last entry that another holder saw, and what was under way is spent.
   */
  | { readonly type: 'restore'; readonly own: Digest }
  /** At least this was spent or set aside in a study, as another holder was told. */
  | {
      readonly type: 'recover';
      readonly study: Digest;
      readonly rho: string;
      readonly delta: string;
      /** Disclosures by agreement that were booked behind the backup, where there were any: a number. */
      readonly disclosures?: string;
    };

export type Entry = {
  readonly sequence: number;
  /** Hash of the entry before, or of `emptyHead`. */
  readonly previous: Digest;
  /** ISO 8601 in UTC, from the caller. For people: nothing is decided by it. */
  readonly time: string;
  readonly body: EntryBody;
  readonly hash: Digest;
};

const ENTRY_DOMAIN = 'kakehashi/ledger-entry/1';
const GENESIS_DOMAIN = 'kakehashi/ledger-genesis/1';
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/;

/**
 * The head of a ledger without entries; differs between holders, so that chains cannot be
 * swapped.
 */
export const emptyHead = (holder: string): LedgerHead => ({
  sequence: 0,
  hash: transcriptDigest(GENESIS_DOMAIN, [holder]),
});

/** Covers every field but the hash itself. */
export const entryHash = ({ sequence, previous, time, body }: Omit<Entry, 'hash'>): Digest =>
  transcriptDigest(ENTRY_DOMAIN, [canonicalBytes({ sequence, previous, time, body })]);

export const headOf = ({ sequence, hash }: Entry): LedgerHead => ({ sequence, hash });

/** Reads the amount of an entry: fractions in lowest terms, none negative, delta below one. */
export function parseAmount(text: { readonly rho: string; readonly delta: string }): Amount {
  const amount = { rho: Rational.parse(text.rho), delta: Rational.parse(text.delta) };
  check(amount.rho.sign() >= 0 && amount.delta.sign() >= 0, 'INVALID_PARAMETER', 'amount sign');
  check(amount.delta.compare(Rational.ONE) < 0, 'INVALID_PARAMETER', 'delta is not below one');
  return amount;
}

export const amountText = ({ rho, delta }: Amount): { rho: string; delta: string } => ({
  rho: rho.toString(),
  delta: delta.toString(),
});

const DIGEST_FIELDS = [
  'study',
  'run',
  'plan',
  'vectorKey',
  'commitment',
  'of',
  'digest',
  'release',
  'grant',
  'version',
  'own',
  'from',
  'to',
  'agreement',
] as const;

/**
 * Refuses a body with a field that is not what its type says; unknown fields are the codec's to
 * refuse.
 */
export function checkBody(body: EntryBody): void {
  const fields: Readonly<Record<string, unknown>> = body;
  for (const name of DIGEST_FIELDS) {
    if (!(name in fields)) continue;
    const value = fields[name];
    check(
      typeof value === 'string' && DIGEST_PATTERN.test(value),
      'INVALID_PARAMETER',
      `${body.type}: ${name} is not a digest`,
    );
  }
  if ('rho' in body) parseAmount(body);
  if (body.type === 'reserve' && body.analyst !== undefined) {
    check(NAME_PATTERN.test(body.analyst), 'INVALID_PARAMETER', 'reserve: analyst is not a name');
  }
  if (body.type === 'reserve' && body.discloses !== undefined) {
    check(
      NAME_PATTERN.test(body.discloses),
      'INVALID_PARAMETER',
      'reserve: discloses is not a name',
    );
  }
  if (body.type === 'recover' && body.disclosures !== undefined) {
    check(/^[1-9]\d{0,8}$/.test(body.disclosures), 'INVALID_PARAMETER', 'recover: disclosures');
  }
  if (body.type === 'load') {
    const { people } = body;
    check(people === '' || DIGEST_PATTERN.test(people), 'INVALID_PARAMETER', 'load: people');
    parseEpochs(body.epochs);
  }
}

/** Epoch numbers from 1, ascending. */
export function parseEpochs(text: string): number[] {
  check(/^[1-9]\d{0,8}(?:,[1-9]\d{0,8})*$/.test(text), 'INVALID_PARAMETER', 'epochs of an entry');
  const epochs = text.split(',').map(Number);
  const ascending = epochs.every((epoch, i) => i === 0 || epoch > (epochs[i - 1] ?? 0));
  check(ascending, 'INVALID_PARAMETER', 'epochs of an entry are not ascending');
  return epochs;
}

export const checkTime = (time: string): void => {
  check(TIME.test(time), 'INVALID_PARAMETER', 'time of an entry');
};
