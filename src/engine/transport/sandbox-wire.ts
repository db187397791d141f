/**
 * What a holder asks the sandbox (DESIGN section 9, "Wire"): a long poll of its inbox, a post of one frame,
 * and, when it comes back from a backup, what it sent and which studies it agreed to. Outbound only.
 * @module
 */
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
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

export type Sent = {
  readonly frames: readonly Uint8Array[];
  /** Of the last of them. */
  readonly cursor: number;
  /** How far the inbox of this holder was read. */
  readonly acknowledged: number;
};

export class SandboxWire {
  readonly #request: SignedRequest;

  constructor(request: SignedRequest) {
    this.#request = request;
  }

  /** Frames behind position `after`, which this acknowledges. Empty when nothing came in time. */
  poll(after: number, signal: AbortSignal): Promise<Polled> {
    return this.#poll(`after=${after}`, after, signal, POLL_WAIT_SECONDS);
  }

  /** Frames behind position `from`; those behind `after` are acknowledged by none of it and stay. */
  peek(after: number, from: number, signal: AbortSignal, wait: number): Promise<Polled> {
    return this.#poll(`after=${after}&from=${from}`, from, signal, wait);
  }

  async #poll(query: string, from: number, signal: AbortSignal, wait: number): Promise<Polled> {
    const response = await this.#request('GET', `/v1/inbox?${query}&wait=${wait}`, {
      accept: 'application/cbor-seq',
      timeoutMs: (wait + MARGIN_SECONDS) * 1000,
      signal,
    });
    if (response.status !== 200) throw refusalOfResponse(response);
    const frames = splitCborSequence(response.body);
    const cursor = Number(response.headers['kakehashi-cursor']);
    check(
      Number.isSafeInteger(cursor) && cursor === from + frames.length,
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

  /** Frames that this holder sent, behind the number `after`; empty at the end. */
  async sent(after: number, signal: AbortSignal): Promise<Sent> {
    const response = await this.#request('GET', `/v1/sent?after=${after}`, {
      accept: 'application/cbor-seq',
      timeoutMs: 60_000,
      signal,
    });
    if (response.status !== 200) throw refusalOfResponse(response);
    const frames = splitCborSequence(response.body);
    const cursor = Number(response.headers['kakehashi-cursor']);
    const acknowledged = Number(response.headers['kakehashi-acknowledged']);
    const fits = [cursor, acknowledged].every((one) => Number.isSafeInteger(one) && one >= 0);
    check(fits && cursor >= after, 'SANDBOX_RESPONSE', 'cursor of what was sent');
    check(cursor > after || frames.length === 0, 'SANDBOX_RESPONSE', 'cursor does not move');
    return { frames, cursor, acknowledged };
  }

  /** The signed form of a study, as bytes; whoever takes it in checks it. */
  async study(study: Digest, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.#request('GET', `/v1/studies/${study}`, {
      accept: 'application/json',
      signal,
    });
    if (response.status !== 200) throw refusalOfResponse(response);
    const answer = parseStrict(fromUtf8(response.body));
    const known = typeof answer === 'object' && answer !== null && 'signed' in answer;
    check(known, 'SANDBOX_RESPONSE', 'signed study');
    return canonicalBytes(answer.signed);
  }
}
