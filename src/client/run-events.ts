/**
 * The events of a run, without a gap over lost connections: the stream is opened again with
 * Last-Event-ID until a final state has come.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { concat, utf8 } from '../base/bytes.ts';
import { asRefusal, type ErrorCode } from '../base/errors.ts';
import { refusalOfResponse } from '../engine/transport/problem-response.ts';
import type { SignedStream, SignedStreamRequest } from '../engine/transport/signed-request.ts';
import { RUN_STATES, type RunState } from '../flows/ports.ts';
import { readAnswer } from './answers.ts';
import { pathOf, RUN_EVENTS } from './operations.ts';
import { type ServerEvent, serverEvents } from './event-stream.ts';

export type RunEvent =
  | { readonly event: 'state'; readonly state: RunState }
  /** A holder has sent a message of this kind. */
  | { readonly event: 'step'; readonly holder: string; readonly kind: string };

const StateData = Type.Object({ state: Type.Enum(RUN_STATES) });
const StepData = Type.Object({
  holder: Type.String({ maxLength: 64 }),
  kind: Type.String({ maxLength: 64 }),
});

const FINAL: ReadonlySet<RunState> = new Set([
  'released',
  'refused',
  'aborted',
  'incomplete',
  'stopped',
]);

export const isFinal = (state: RunState): boolean => FINAL.has(state);

/** Connections in a row that failed before this gives up: after 12 seconds. */
const ATTEMPTS = 6;
const PAUSE_MS = 200;
/** Silence for longer than this is taken as a lost connection. */
const IDLE_MS = 60_000;

function readEvent({ event, data }: ServerEvent): RunEvent | undefined {
  if (event === 'state') {
    const { state } = readAnswer(StateData, utf8(data), 'event');
    return { event, state };
  }
  if (event === 'step') {
    const { holder, kind } = readAnswer(StepData, utf8(data), 'event');
    return { event, holder, kind };
  }
  return undefined;
}

/** A lost connection or an overloaded service may be tried again; any other refusal is an answer. */
const RETRIED: ReadonlySet<ErrorCode> = new Set([
  'SANDBOX_UNREACHABLE',
  'SHUTTING_DOWN',
  'OVERLOADED',
  'TOO_MANY_REQUESTS',
]);

const MAX_PROBLEM_BYTES = 65_536;

async function problemOf({ status, body }: SignedStream): Promise<Error> {
  let bytes = new Uint8Array(0);
  for await (const chunk of body) {
    bytes = new Uint8Array(concat(bytes, chunk));
    if (bytes.length > MAX_PROBLEM_BYTES) break;
  }
  return refusalOfResponse({ status, body: bytes });
}

export async function* runEvents(
  stream: SignedStreamRequest,
  run: string,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent> {
  let last: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      const response = await stream(RUN_EVENTS.method, pathOf(RUN_EVENTS.path, { run }), {
        accept: 'text/event-stream',
        headers: last === undefined ? {} : { 'last-event-id': last },
        timeoutMs: IDLE_MS,
        signal,
      });
      if (response.status !== 200) throw await problemOf(response);
      failures = 0;
      for await (const item of serverEvents(response.body)) {
        last = item.id;
        const event = readEvent(item);
        if (event === undefined) continue;
        yield event;
        if (event.event === 'state' && isFinal(event.state)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      failures += 1;
      if (!RETRIED.has(asRefusal(error).code) || failures >= ATTEMPTS) throw error;
    }
    await sleep(PAUSE_MS * 2 ** failures, undefined, { signal });
  }
}
