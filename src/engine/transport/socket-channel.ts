/**
 * A channel of psi/channel.ts over a socket: frames of at most 16 MiB, each behind its length in 4
 * bytes, little endian.
 *
 * Nothing is sealed or authenticated here: both ends are processes of one person on one machine, which
 * got the socket from the process that started them. A longer frame is refused as MALFORMED_MESSAGE; a
 * connection that ends, or stays silent for `stallMs` while this side waits, as PROCESS_FAILED.
 *
 * Memory   one frame being filled, and frames of `MOST_AHEAD` bytes that the protocol has not taken yet: above
 *          that the socket is not read, and the other side waits in its `send`.
 * @module
 */
import type { Socket } from 'node:net';
import { Refusal } from '../../base/errors.ts';
import { type Channel, MAX_FRAME_BYTES } from '../../psi/channel.ts';

const HEAD = 4;
const MOST_AHEAD = 2 * MAX_FRAME_BYTES;
/** What a frame costs beside its bytes, so that empty ones are bounded as well. */
const FRAME_COST = 128;

export class SocketChannel implements Channel {
  /** With the lengths before the frames. */
  readonly bytes = { sent: 0, received: 0 };
  readonly #socket: Socket;
  readonly #stallMs: number | undefined;
  readonly #frames: Uint8Array[] = [];
  readonly #head = new Uint8Array(HEAD);
  #headFilled = 0;
  #body: Uint8Array | undefined;
  #bodyFilled = 0;
  #ahead = 0;
  #ended: Refusal | undefined;
  /** One for each `send` or `receive` that waits. */
  readonly #waiting = new Set<() => void>();

  /** Without `stallMs` a silent peer is waited for without end. */
  constructor(socket: Socket, stallMs?: number) {
    this.#socket = socket;
    this.#stallMs = stallMs;
    socket.setNoDelay(true);
    socket.on('data', (piece) => {
      this.#take(piece);
    });
    socket.on('drain', () => {
      this.#wake();
    });
    socket.on('error', (cause) => {
      this.#end(new Refusal('PROCESS_FAILED', 'the connection broke', undefined, { cause }));
    });
    socket.on('close', () => {
      this.#end(new Refusal('PROCESS_FAILED', 'the other party has closed the connection'));
    });
  }

  async send(frame: Uint8Array): Promise<void> {
    this.#refuseEnded();
    if (frame.length > MAX_FRAME_BYTES)
      throw new Refusal('PAYLOAD_TOO_LARGE', `frame of ${frame.length} bytes`);
    const head = new Uint8Array(HEAD);
    new DataView(head.buffer).setUint32(0, frame.length, true);
    this.bytes.sent += HEAD + frame.length;
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(frame);
    this.#socket.uncork();
    while (this.#socket.writableNeedDrain) await this.#progress();
  }

  async receive(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        this.#ahead -= frame.length + FRAME_COST;
        if (this.#ahead <= MOST_AHEAD) this.#socket.resume();
        return frame;
      }
      await this.#progress();
    }
  }

  /** Sends what is left and ends this direction. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended === undefined) this.#socket.end(resolve);
      else resolve();
    });
  }

  /** Until something has come or gone; rejects when the connection has ended or nothing moves. */
  async #progress(): Promise<void> {
    this.#refuseEnded();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      if (this.#stallMs === undefined) return;
      timer = setTimeout(() => {
        // Input that came while this process computed is read before the peer is called silent.
        setImmediate(() => {
          if (this.#waiting.has(wake)) this.#stall();
        });
      }, this.#stallMs);
    });
    clearTimeout(timer);
    // Whether it ended is seen after the frames that came before.
    if (this.#frames.length === 0) this.#refuseEnded();
  }

  #refuseEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  #stall(): void {
    const seconds = (this.#stallMs ?? 0) / 1000;
    this.#end(new Refusal('PROCESS_FAILED', `the other party was silent for ${seconds} s`));
    this.#socket.destroy();
  }

  #end(refusal: Refusal): void {
    this.#ended ??= refusal;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #take(piece: Uint8Array): void {
    this.bytes.received += piece.length;
    let at = 0;
    while (at < piece.length && this.#ended === undefined) {
      at += this.#body === undefined ? this.#fillHead(piece, at) : this.#fillBody(piece, at);
    }
    if (this.#ahead > MOST_AHEAD) this.#socket.pause();
    // Bytes of an unfinished frame are a sign of life, too.
    this.#wake();
  }

  #fillHead(piece: Uint8Array, at: number): number {
    const taken = piece.subarray(at, at + HEAD - this.#headFilled);
    this.#head.set(taken, this.#headFilled);
    this.#headFilled += taken.length;
    if (this.#headFilled < HEAD) return taken.length;
    this.#headFilled = 0;
    const length = new DataView(this.#head.buffer).getUint32(0, true);
    if (length > MAX_FRAME_BYTES) {
      this.#end(new Refusal('MALFORMED_MESSAGE', `a frame of ${length} bytes is announced`));
      this.#socket.destroy();
      return taken.length;
    }
    this.#body = new Uint8Array(length);
    this.#bodyFilled = 0;
    if (length === 0) this.#finish(this.#body);
    return taken.length;
  }

  #fillBody(piece: Uint8Array, at: number): number {
    const body = this.#body as Uint8Array;
    const taken = piece.subarray(at, at + body.length - this.#bodyFilled);
    body.set(taken, this.#bodyFilled);
    this.#bodyFilled += taken.length;
    if (this.#bodyFilled === body.length) this.#finish(body);
    return taken.length;
  }

  #finish(frame: Uint8Array): void {
    this.#body = undefined;
    this.#frames.push(frame);
    this.#ahead += frame.length + FRAME_COST;
  }
}
