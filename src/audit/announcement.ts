/**
 * What the sandbox shows to the holders of a study when it asks them to co-sign its log, and what
 * a holder checks before it does.
 *
 * Adversary  a sandbox that shows different logs to different parties, or takes an entry back. A
 *            holder remembers the last state that it co-signed and signs only what extends it, so a
 *            log forked in two gets the signatures of all holders on one side only. The first
 *            checkpoint that a holder sees has nothing to be held against.
 * @module
 */
import { type Static, Type } from 'typebox';
import { fromHex, fromUtf8 } from '../base/bytes.ts';
import { canonicalBytes, type Json, parseStrict } from '../base/canonical-json.ts';
import { check, Refusal, refuseAs } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyConsistency } from './consistency.ts';
import { DigestText, type LogEntry, type UnknownEntry } from './entry.ts';
import { checkPlace, PathText, SaltText } from './log-proof.ts';

const CLOSED = { additionalProperties: false } as const;
const Size = Type.Integer({ minimum: 0 });

const AnnouncementShape = Type.Object(
  {
    size: Size,
    root: DigestText,
    /** Consistency proofs from the sizes that a holder may have co-signed last. */
    from: Type.Array(Type.Object({ size: Size, path: PathText }, CLOSED), { maxItems: 64 }),
    /** The entry that this checkpoint is about, and where it is. */
    entry: Type.Unknown(),
    salt: SaltText,
    index: Size,
    path: PathText,
  },
  CLOSED,
);

export type Announcement = Static<typeof AnnouncementShape>;

export const encodeAnnouncement = (announcement: Announcement): Uint8Array =>
  canonicalBytes(announcement);

export function readAnnouncement(body: Uint8Array): Announcement {
  return refuseAs('MALFORMED_MESSAGE', 'announcement', () => {
    const json: Json = parseStrict(fromUtf8(body));
    const errors = shapeErrors(AnnouncementShape, json);
    check(errors.length === 0, 'MALFORMED_MESSAGE', `announcement ${errors[0]?.pointer ?? ''}`);
    return json as unknown as Announcement;
  });
}

export type Announced = {
  readonly checkpoint: Checkpoint;
  readonly entry: LogEntry | UnknownEntry;
};

/**
 * What may be co-signed after `last`, the checkpoint of this study that was co-signed before.
 * Refuses with LOG_FORKED a log that does not extend it, with PROOF_REJECTED an entry not in it.
 */
export function checkAnnouncement(
  announcement: Announcement,
  study: Digest,
  last: Checkpoint | undefined,
): Announced {
  const { size, root, from } = announcement;
  if (last !== undefined) {
    const proof = size === last.size ? [] : from.find((one) => one.size === last.size)?.path;
    check(proof !== undefined, 'LOG_FORKED', `no proof from ${last.size} to ${size}`);
    const extended = { size: last.size, root: fromHex(last.root) };
    try {
      verifyConsistency(extended, { size, root: fromHex(root) }, proof.map(fromHex));
    } catch (cause) {
      throw new Refusal('LOG_FORKED', `${last.size} and ${size}`, undefined, { cause });
    }
  }
  const checkpoint = { study, size, root };
  return { checkpoint, entry: checkPlace(announcement, checkpoint) };
}
