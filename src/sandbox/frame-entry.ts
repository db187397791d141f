/** What of a frame of a holder belongs in the log of its study. @module */
import { type LogEntry, readEntry } from '../audit/entry.ts';
import { asRefusal } from '../base/errors.ts';
import { type Frame, frameDigest, type FrameKind } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import { readReservation } from '../flows/pooled/reservation.ts';
import { readRecovered } from '../flows/recovery.ts';

/** What a holder signed that the log records as it comes in. */
const RECORDED: readonly FrameKind[] = ['accepted', 'reservation', 'refusal', 'recovered'];

/** A body that nobody can read is no reservation: it ends its run and is not entered. */
export function entryOfFrame(frame: Frame, at: string): LogEntry | undefined {
  try {
    const entry = entryIn(frame, at);
    if (entry !== undefined) readEntry(entry);
    return entry;
  } catch (error) {
    if (asRefusal(error).code === 'MALFORMED_MESSAGE') return undefined;
    throw error;
  }
}

function entryIn(frame: Frame, at: string): LogEntry | undefined {
  const { kind, body, from: holder, run, study } = frame;
  if (!RECORDED.includes(kind)) return undefined;
  const known = { at, holder, frame: frameDigest(frame) };
  if (kind === 'recovered') {
    const { head, keyEpoch } = readRecovered(frame);
    return { type: 'restore', at, holder, head, keyEpoch };
  }
  const version = run === study ? {} : { agreement: run };
  if (kind === 'accepted') return { type: 'acceptance', ...known, ...version };
  if (kind === 'reservation') {
    const { run: _run, account: _account, ...booked } = readReservation(body);
    return { type: 'reservation', ...known, run, ...booked };
  }
  const { code, touched } = decodeRefusal(body, holder);
  if (run === study && code === 'STUDY_STOPPED') return { type: 'stop', ...known };
  return { type: 'refusal', ...known, run, code, touched };
}
