/**
 * How a holder that came back from a backup hears what it has forgotten (DESIGN section 9, "Restore"):
 * what is asked, what other holders answer, and what follows from all of it. Who does it is
 * holder/recovery.ts.
 *
 *     restored holder                sandbox               every other holder of a live study
 *     what did I send?  ───────────▶
 *                       ◀───────────  own signed frames
 *     recover(nonce)    ───────────▶  relays   ───────────▶
 *                                     relays   ◀───────────  mirror: every reservation that it saw of the
 *                                                            asker behind the asker's head, the last
 *                                                            head, key epoch and checkpoint, the version of
 *                                                            the study that the asker was in, and whether
 *                                                            the asker stopped it
 *     recovered(head, epoch) ──────▶  enters it in the log of the study
 *
 * The messages of one recovery are a run of their own, named by study and nonce, so that an answer is to
 * this question and a second restore asks anew.
 *
 * Adversary  a sandbox that leaves frames out: the others were sent the same reservations. A holder that
 *            answers too much can make the asker count more as spent, and no less. Two heads of one number
 *            are two histories of one ledger: LEDGER_ROLLBACK, and the holder does not go on.
 * @module
 */
import { type Static, Type } from 'typebox';
import { Head, Amount as AmountText, DigestText, Name } from '../audit/entry.ts';
import { fromUtf8 } from '../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../base/canonical-json.ts';
import { check, refuseAs } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { transcriptDigest } from '../base/transcript.ts';
import { type Amount, type LedgerHead, parseAmount } from '../ledger/entry.ts';
import type { SeenOfStudy } from '../ledger/restore.ts';
import type { Frame } from './frame.ts';

const CLOSED = { additionalProperties: false } as const;
const Nonce = Type.String({ pattern: '^[0-9a-f]{32}$' });
const Epoch = Type.Integer({ minimum: 1, maximum: 2 ** 31 });
const Amounts = Type.Object({ rho: AmountText, delta: AmountText }, CLOSED);

const RecoverShape = Type.Object({ nonce: Nonce, head: Head }, CLOSED);
/** A reservation of the asker as it was told: `used` is spent and reserved of the study, itself included. */
const SeenShape = Type.Object(
  {
    run: DigestText,
    head: Head,
    used: Amounts,
    /** The disclosure by agreement that was booked with it. */
    discloses: Type.Optional(Name),
  },
  CLOSED,
);
/** Told of a study; more of one version are not made by people. */
export const MOST_NARROWINGS = 64;
const MirrorShape = Type.Object(
  {
    nonce: Nonce,
    of: Name,
    /** The last head of the asker's ledger that was seen, in whatever study. */
    head: Type.Union([Head, Type.Null()]),
    /** The newest epoch of the study's collective key that was entered. */
    epoch: Epoch,
    /** The last checkpoint of the study's log that was co-signed. */
    checkpoint: Type.Union([
      Type.Object({ size: Type.Integer({ minimum: 0 }), root: DigestText }, CLOSED),
      Type.Null(),
    ]),
    seen: Type.Array(SeenShape, { maxItems: 50_000 }),
    /** The asker said that its stewards stopped the study. */
    stopped: Type.Optional(Type.Literal(true)),
    /** The newest amended version that the asker accepted, or reserved a run under. */
    version: Type.Optional(DigestText),
    /** Signed forms, without history, of what narrows the version in force here: also the asker was bound by them. */
    narrowings: Type.Optional(Type.Array(Type.Unknown(), { maxItems: MOST_NARROWINGS })),
  },
  CLOSED,
);
const RecoveredShape = Type.Object({ nonce: Nonce, head: Head, keyEpoch: Epoch }, CLOSED);

export type Recover = Static<typeof RecoverShape>;
export type Seen = Static<typeof SeenShape>;
export type Mirror = Static<typeof MirrorShape>;
export type Recovered = Static<typeof RecoveredShape>;

/** The run of the messages of one recovery. */
export const recoveryRun = (study: Digest, nonce: string): Digest =>
  transcriptDigest('kakehashi/recovery/1', [study, nonce]);

function read<T extends typeof RecoverShape | typeof MirrorShape | typeof RecoveredShape>(
  shape: T,
  what: string,
  { study, run, body }: Pick<Frame, 'study' | 'run' | 'body'>,
): Static<T> {
  return refuseAs('MALFORMED_MESSAGE', what, () => {
    const json = parseStrict(fromUtf8(body));
    const errors = shapeErrors(shape, json);
    check(errors.length === 0, 'MALFORMED_MESSAGE', `${what} ${errors[0]?.pointer ?? ''}`);
    const value = json as unknown as Static<T>;
    check(run === recoveryRun(study, value.nonce), 'MALFORMED_MESSAGE', `${what} of another run`);
    return value;
  });
}

type Framed = Pick<Frame, 'study' | 'run' | 'body'>;
export const readRecover = (frame: Framed): Recover => read(RecoverShape, 'recover', frame);
export const readMirror = (frame: Framed): Mirror => read(MirrorShape, 'mirror', frame);
export const readRecovered = (frame: Framed): Recovered => read(RecoveredShape, 'recovered', frame);
export const encodeRecovery = (message: Recover | Mirror | Recovered): Uint8Array =>
  canonicalBytes(message);

/** Whether a frame is one of a recovery, in the run that it says. */
export function isOfRecovery(frame: Pick<Frame, 'kind' | 'study' | 'run' | 'body'>): boolean {
  if (frame.kind === 'recover') readRecover(frame);
  else if (frame.kind === 'mirror') readMirror(frame);
  else if (frame.kind === 'recovered') readRecovered(frame);
  else return false;
  return true;
}

export type Heard = {
  readonly study: Digest;
  /** What the asker itself sent, and what others saw. */
  readonly seen: readonly Seen[];
  readonly heads: readonly LedgerHead[];
  readonly epochs: readonly number[];
};

export type Conclusion = {
  /** The largest head that anybody saw. */
  readonly head: LedgerHead | undefined;
  /** By study: what was seen behind the backup. */
  readonly used: ReadonlyMap<Digest, SeenOfStudy>;
  /** By study: the newest epoch that anybody entered. */
  readonly epochs: ReadonlyMap<Digest, number>;
  /** By run, its study: all that are over now. */
  readonly runs: ReadonlyMap<Digest, Digest>;
};

/** What follows from everything heard; LEDGER_ROLLBACK where it is of two histories. `own` is the backup's. */
export function conclude(own: readonly LedgerHead[], heard: readonly Heard[]): Conclusion {
  const byNumber = new Map<number, Digest>();
  let head: LedgerHead | undefined;
  const note = (one: LedgerHead): void => {
    const before = byNumber.get(one.sequence) ?? one.hash;
    check(before === one.hash, 'LEDGER_ROLLBACK', `two heads ${one.sequence}`);
    byNumber.set(one.sequence, one.hash);
    if (one.sequence > (head?.sequence ?? 0)) head = one;
  };
  for (const one of own) byNumber.set(one.sequence, one.hash);
  const last = own.reduce((most, { sequence }) => Math.max(most, sequence), 0);
  const used = new Map<Digest, Amount>();
  /** By study, the runs that disclosed: each of them may be told of by several. */
  const disclosed = new Map<Digest, Set<Digest>>();
  const epochs = new Map<Digest, number>();
  const runs = new Map<Digest, Digest>();
  for (const { study, seen, heads, epochs: entered } of heard) {
    for (const one of [...heads, ...seen.map((item) => item.head)]) note(one);
    for (const item of seen) {
      runs.set(item.run, study);
      // What the backup has is counted there.
      if (item.head.sequence <= last) continue;
      used.set(study, larger(used.get(study), parseAmount(item.used)));
      const told = disclosed.get(study) ?? new Set();
      if (item.discloses !== undefined) disclosed.set(study, told.add(item.run));
    }
    epochs.set(study, Math.max(epochs.get(study) ?? 1, ...entered));
  }
  const seenOf = ([study, amount]: [Digest, Amount]): [Digest, SeenOfStudy] => [
    study,
    { used: amount, disclosures: disclosed.get(study)?.size ?? 0 },
  ];
  return { head, used: new Map([...used].map(seenOf)), epochs, runs };
}

function larger(a: Amount | undefined, b: Amount): Amount {
  if (a === undefined) return b;
  return {
    rho: a.rho.compare(b.rho) > 0 ? a.rho : b.rho,
    delta: a.delta.compare(b.delta) > 0 ? a.delta : b.delta,
  };
}
