/**
 * Frames of a protocol over a carrier of records: a frame of up to 16 MiB goes as records of less than 4 MiB, each of
 * a length that is one of a few public classes.
 *
 *     record = last? (1 byte) ‖ length (4 bytes, little endian) ‖ piece ‖ zeros
 *
 * Classes are Padmé's (Nikitin et al., PoPETs 2019): at most 12 % above the piece, and not below 256 bytes.
 * A record that was not made so is refused with MALFORMED_MESSAGE.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { type Channel, MAX_FRAME_BYTES } from '../../psi/channel.ts';

/** Bytes of a frame in one record: with head, padding and a tag below 4 MiB. */
const PIECE_BYTES = 3.5 * 2 ** 20;
const HEAD = 5;
const SMALLEST = 256;
const [MORE, LAST] = [0, 1];

/** The class of a length: what is left of it has log2(log2 n) + 1 significant bits, rounded up. */
export function paddedLength(length: number): number {
  if (length <= SMALLEST) return SMALLEST;
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const grain = 2 ** (exponent - kept);
  return Math.ceil(length / grain) * grain;
}

function encodeRecord(last: boolean, piece: Uint8Array): Uint8Array {
  const record = new Uint8Array(paddedLength(HEAD + piece.length));
  record[0] = last ? LAST : MORE;
  new DataView(record.buffer).setUint32(1, piece.length, true);
  record.set(piece, HEAD);
  return record;
}

function decodeRecord(record: Uint8Array): { readonly last: boolean; readonly piece: Uint8Array } {
  check(record.length >= HEAD, 'MALFORMED_MESSAGE', 'record length');
  const [kind = MORE] = record;
  const length = new DataView(record.buffer, record.byteOffset).getUint32(1, true);
  const fits = kind <= LAST && record.length === paddedLength(HEAD + length);
  check(fits && (kind === LAST || length > 0), 'MALFORMED_MESSAGE', 'record head');
  return { last: kind === LAST, piece: record.subarray(HEAD, HEAD + length) };
}

/** A channel for frames over `carrier`, which keeps records whole and in order. */
export const framed = (carrier: Channel): Channel => ({
  async send(frame) {
    check(frame.length <= MAX_FRAME_BYTES, 'PAYLOAD_TOO_LARGE', `frame of ${frame.length} bytes`);
    let from = 0;
    do {
      const piece = frame.subarray(from, from + PIECE_BYTES);
      from += PIECE_BYTES;
      await carrier.send(encodeRecord(from >= frame.length, piece));
    } while (from < frame.length);
  },
  async receive() {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { last, piece } = decodeRecord(await carrier.receive());
      length += piece.length;
      check(length <= MAX_FRAME_BYTES, 'MALFORMED_MESSAGE', 'frame too long');
      pieces.push(piece);
      if (last) return concat(...pieces);
    }
  },
});
