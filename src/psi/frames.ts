/**
 * Messages of a PSI protocol over a channel: a kind, a number and a body of known length.
 *
 *     frame = kind (1 byte) ‖ number (4 bytes, little endian) ‖ body
 *
 * Each direction counts from 0. A frame of another kind or number than the protocol's next one (replayed,
 * reordered, left out) is refused as PROTOCOL_STATE, one of another length (truncated, trailing,
 * oversized) as MALFORMED_MESSAGE. Order and origin beyond that are the channel's to protect.
 * @module
 */
import { check } from '../base/errors.ts';
import { type Channel, MAX_FRAME_BYTES } from './channel.ts';

export const FRAME_HEAD_BYTES = 5;

export class Frames {
  /** Bytes of all frames so far. */
  readonly bytes = { sent: 0, received: 0 };
  readonly #channel: Channel;
  #sent = 0;
  #received = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async send(kind: number, ...parts: readonly Uint8Array[]): Promise<void> {
    const size = parts.reduce((sum, part) => sum + part.length, FRAME_HEAD_BYTES);
    check(size <= MAX_FRAME_BYTES, 'PAYLOAD_TOO_LARGE', `frame of ${size} bytes`);
    const frame = new Uint8Array(size);
    frame[0] = kind;
    new DataView(frame.buffer).setUint32(1, this.#sent, true);
    let at = FRAME_HEAD_BYTES;
    for (const part of parts) {
      frame.set(part, at);
      at += part.length;
    }
    this.#sent += 1;
    this.bytes.sent += size;
    await this.#channel.send(frame);
    // The parties compute for long between frames: let this one leave before that.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The body of the next frame, which must have this kind and length. */
  async receive(kind: number, length: number): Promise<Uint8Array> {
    const frame: unknown = await this.#channel.receive();
    check(frame instanceof Uint8Array, 'MALFORMED_MESSAGE', 'frame is not bytes');
    check(
      frame.length >= FRAME_HEAD_BYTES && frame.length <= MAX_FRAME_BYTES,
      'MALFORMED_MESSAGE',
      `frame of ${frame.length} bytes`,
    );
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(1, true);
    check(
      frame[0] === kind && number === this.#received,
      'PROTOCOL_STATE',
      `frame ${number} of kind ${String(frame[0])}, expected ${this.#received} of kind ${kind}`,
    );
    check(
      frame.length === FRAME_HEAD_BYTES + length,
      'MALFORMED_MESSAGE',
      `body of ${frame.length - FRAME_HEAD_BYTES} bytes, expected ${length}`,
    );
    this.#received += 1;
    this.bytes.received += frame.length;
    // A copy where the channel gave a view at an odd place: bodies are read as words.
    return frame.slice(FRAME_HEAD_BYTES);
  }
}
