/**
 * The two requests a holder makes to the sandbox (DESIGN section 9, "Wire"): a long poll of its
 * inbox, and a post of one frame. Outbound only.
 * @module
 */
import { splitCborSequence } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { refusalOfResponse } from './problem-response.ts';
import type { SignedRequest } from './signed-request.ts';

export const POLL_WAIT_SECONDS = 25;
const MARGIN_SECONDS = 15;

export type Polled = {
  readonly frames: readonly Uint8Array[];
  /** Position of the last frame; the one before it is one less, and so on. */
  readonly cursor: number;
};

export class SandboxWire {
  readonly #request: SignedRequest;

  constructor(request: SignedRequest) {
    this.#request = request;
  }

  /** Frames behind position `after`, which this acknowledges. Empty when nothing came in time. */
  async poll(after: number, signal: AbortSignal, wait = POLL_WAIT_SECONDS): Promise<Polled> {
    const response = await this.#request('GET', `/v1/inbox?after=${after}&wait=${wait}`, {
      accept: 'application/cbor-seq',
      timeoutMs: (wait + MARGIN_SECONDS) * 1000,
      signal,
    });
    if (response.status !== 200) throw refusalOfResponse(response);
    const frames = splitCborSequence(response.body);
    const cursor = Number(response.headers['kakehashi-cursor']);
    check(
      Number.isSafeInteger(cursor) && cursor === after + frames.length,
      'SANDBOX_RESPONSE',
      'inbox cursor',
    );
    return { frames, cursor };
  }

  /** Resolves once the sandbox has stored the frame, now or before. */
  async push(run: Digest, frame: Uint8Array): Promise<void> {
    const response = await this.#request('POST', `/v1/runs/${run}/frames`, {
      body: frame,
      contentType: 'application/cbor',
      timeoutMs: 60_000,
    });
    if (response.status !== 202) throw refusalOfResponse(response);
  }
}
