/**
 * GET /v1/runs/:run/events: server-sent events (WHATWG HTML, section 9.2) of one run, from the
 * one behind Last-Event-ID on. Ends after the event of a final state.
 * @module
 */
import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isFinal, type RunEvent, type SandboxRuns } from '../../engine/stores/sandbox-runs.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { StreamCounter } from '../protection.ts';
import type { Runs } from '../runs.ts';
import type { Wakeups } from '../wakeups.ts';
import { RunParams } from './shapes.ts';

/** Below the idle limit of common proxies. */
const HEARTBEAT_MS = 15_000;

const Headers = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
});

/** Text of its own making: no schema writes it. */
const Stream = Type.Unsafe<Readable>({});

export type RunEventsOptions = {
  readonly runs: Runs;
  readonly stored: SandboxRuns;
  readonly wakeups: Wakeups;
  readonly closing: AbortSignal;
  readonly streams: StreamCounter;
};

const text = ({ id, event, data }: RunEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;

export const runEventRoutes: FastifyPluginAsyncTypebox<RunEventsOptions> = async (
  app,
  { runs, stored, wakeups, closing, streams },
) => {
  async function* follow(run: string, after: number, gone: AbortSignal): AsyncGenerator<string> {
    // The first bytes carry the headers to a client whose events are all in the past.
    yield ': kakehashi\n\n';
    using changes = wakeups.watch(`run/${run}`);
    for (let last = after; !gone.aborted; ) {
      // The state is read first: an event written after it is found by the next turn.
      const final = isFinal((await runs.get(run)).state);
      const events = await stored.eventsAfter(run, last);
      for (const event of events) yield text(event);
      last = events.at(-1)?.id ?? last;
      if (final) return;
      if (events.length > 0) continue;
      await changes.next(gone, HEARTBEAT_MS);
      if ((await stored.eventsAfter(run, last)).length === 0) yield ': still here\n\n';
    }
  }

  app.get(
    '/v1/runs/:run/events',
    {
      config: { operation: 'readRunEvents' },
      schema: {
        params: RunParams,
        headers: Headers,
        response: { 200: Stream, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      streams.enter(reply);
      const control = new AbortController();
      reply.raw.on('close', () => control.abort());
      const gone = AbortSignal.any([control.signal, closing]);
      const after = Number(request.headers['last-event-id'] ?? 0);
      return reply
        .type('text/event-stream')
        .send(Readable.from(follow(request.params.run, after, gone), { objectMode: false }));
    },
  );
};
