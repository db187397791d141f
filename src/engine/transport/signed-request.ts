/**
 * One HTTP request to the sandbox, signed by its sender (request-token.ts). The holder's wire
 * and the client library are both made from this.
 *
 * What is not an answer is a refusal: no connection, a broken one and silence for `timeoutMs`
 * are SANDBOX_UNREACHABLE, an answer above the size limit is SANDBOX_RESPONSE. Statuses are the
 * caller's to read. Redirects are not followed: a token is for one path of one origin. Nothing
 * is sent again here; a caller that retries gets a fresh token each time.
 * @module
 */
import { type Dispatcher, request } from 'undici';
import { concat } from '../../base/bytes.ts';
import { check, Refusal, systemCode } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { SigningKey } from '../../base/sign.ts';
import type { Clock } from '../../flows/ports.ts';
import { checkOrigin } from './dispatcher.ts';
import { createRequestToken } from './request-token.ts';

export type SignedRequestOptions = {
  readonly origin: string;
  readonly key: SigningKey;
  readonly clock: Pick<Clock, 'now'>;
  readonly rng: Rng;
  /** See `createDispatcher`. Default: undici's global one, without proxy. */
  readonly dispatcher?: Dispatcher | undefined;
};

export type Method = 'GET' | 'POST';

export type RequestOptions = {
  readonly body?: Uint8Array | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole answer; of a stream, for its headers and between two chunks. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** The caller's own abort is thrown as it is, not as a refusal. */
  readonly signal?: AbortSignal | undefined;
};

export type SignedResponse = {
  readonly status: number;
  /** Lower-case names; of a repeated header the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type SignedStream = Omit<SignedResponse, 'body'> & {
  readonly body: AsyncIterable<Uint8Array>;
};

export type SignedRequest = (
  method: Method,
  path: string,
  options?: RequestOptions,
) => Promise<SignedResponse>;

export type SignedStreamRequest = (
  method: Method,
  path: string,
  options?: RequestOptions,
) => Promise<SignedStream>;

const TIMEOUT_MS = 30_000;
/** An inbox of 16 MiB and one frame of 16 MiB behind it, with room. */
const MAX_RESPONSE_BYTES = 40 * 1024 * 1024;
const EMPTY = new Uint8Array(0);

/** A failure of the connection; the caller's own abort and refusals pass as they are. */
function failure(error: unknown, what: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof Refusal) return error;
  const detail = `${what}: ${systemCode(error, 'no answer')}`;
  return new Refusal('SANDBOX_UNREACHABLE', detail, undefined, { cause: error });
}

function firstValues(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined ? [] : [[name.toLowerCase(), first] as const];
  });
  return Object.fromEntries(entries);
}

/** Why a request ends early: its time limit or its caller. `done` lets go of both. */
function limits(timeoutMs: number | undefined, signal: AbortSignal | undefined) {
  const control = new AbortController();
  const abort = (): void => control.abort(signal?.reason);
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => control.abort(), timeoutMs).unref();
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  const done = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  return { signal: control.signal, done };
}

/** `idle`: the time limit holds between chunks only, for an answer without a natural end. */
function sender(options: SignedRequestOptions, idle: boolean): SignedStreamRequest {
  const { origin } = checkOrigin(options.origin);

  const open = async (method: Method, path: string, call: RequestOptions, signal: AbortSignal) => {
    const { body = EMPTY, contentType, accept, headers, timeoutMs = TIMEOUT_MS } = call;
    const signed = { method, path, body };
    const token = await createRequestToken(options.key, signed, options.clock.now(), options.rng);
    return request(`${origin}${path}`, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(accept === undefined ? {} : { accept }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      body: body.length > 0 ? body : null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal,
      ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
    });
  };

  return async (method, path, call = {}) => {
    check(/^\/[\x21-\x7e]*$/.test(path), 'INVALID_PARAMETER', 'request path');
    const what = `${method} ${path}`;
    const limit = limits(idle ? undefined : (call.timeoutMs ?? TIMEOUT_MS), call.signal);
    const fail = (error: unknown): never => {
      limit.done();
      throw failure(error, what, call.signal);
    };
    const content = async function* (body: AsyncIterable<Uint8Array>) {
      try {
        yield* body;
      } catch (error) {
        fail(error);
      } finally {
        limit.done();
      }
    };
    const response = await open(method, path, call, limit.signal).catch(fail);
    return {
      status: response.statusCode,
      headers: firstValues(response.headers),
      body: content(response.body),
    };
  };
}

/** Requests with a whole answer. */
export function signedRequest(options: SignedRequestOptions): SignedRequest {
  const send = sender(options, false);
  return async (method, path, call) => {
    const { status, headers, body } = await send(method, path, call);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      check(length <= MAX_RESPONSE_BYTES, 'SANDBOX_RESPONSE', `${method} ${path}: too long`);
      chunks.push(chunk);
    }
    return { status, headers, body: concat(...chunks) };
  };
}

/** Requests whose answer comes piece by piece (server-sent events). */
export const signedStream = (options: SignedRequestOptions): SignedStreamRequest =>
  sender(options, true);
