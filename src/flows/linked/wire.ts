/**
 * The messages of a linked run, by channel and direction, and bodies longer than a frame in pieces. Every
 * length follows from the plan; a frame of another kind, number or length is refused (psi/frames.ts).
 * @module
 */
import { check } from '../../base/errors.ts';
import { FRAME_HEAD_BYTES, type Frames } from '../../psi/frames.ts';
import { MAX_FRAME_BYTES } from '../../psi/channel.ts';
import { checkResidues, type Residues } from '../../psi/tokens/prime-field.ts';

export const KIND = {
  // sandbox channel
  tokens: 0x41,
  seed: 0x42,
  alignment: 0x43,
  share: 0x44,
  // peer channel
  dummies: 0x51,
  coin: 0x52,
  publicKey: 0x53,
  column: 0x54,
  checked: 0x55,
  verdict: 0x56,
  answer: 0x57,
  count: 0x58,
} as const;

/** Bytes of a piece: a multiple of 8 below the longest frame. */
const PIECE = MAX_FRAME_BYTES / 2;
const WORD = 8;

export async function sendLong(frames: Frames, kind: number, bytes: Uint8Array): Promise<void> {
  check(PIECE + FRAME_HEAD_BYTES <= MAX_FRAME_BYTES, 'INTERNAL', 'piece length');
  for (let from = 0; from < bytes.length; from += PIECE) {
    await frames.send(kind, bytes.subarray(from, from + PIECE));
  }
}

export async function receiveLong(
  frames: Frames,
  kind: number,
  length: number,
): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  for (let from = 0; from < length; from += PIECE) {
    out.set(await frames.receive(kind, Math.min(PIECE, length - from)), from);
  }
  return out;
}

/** Eight bytes each, as doubles: exact for residues. */
export const residueBytes = (residues: Residues): Uint8Array =>
  new Uint8Array(residues.slice().buffer);

export function readResidues(bytes: Uint8Array): Residues {
  check(bytes.length % WORD === 0, 'MALFORMED_MESSAGE', 'length of residues');
  const residues = new Float64Array(bytes.slice().buffer);
  checkResidues(residues);
  return residues;
}

export const residueLength = (rows: number): number => WORD * rows;
