/**
 * What a request meets before anything is done for it: headers that tell a browser to do nothing
 * with an answer, refusal while the process is overloaded, and limits for each principal and for
 * strangers by address. No header allows another origin (CORS): there is none that could ask.
 *
 * Everything here refuses before a body is read, so nothing is half done; who is refused is told
 * when to come back. Limits are counted in this process: two behind one address allow twice as much.
 * @module
 */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../base/errors.ts';
import type { OperationId } from './access-table.ts';
import { MAX_FRAME_BYTES } from '../flows/frame.ts';

export type Limits = {
  /** Of one principal. */
  readonly requestsPerMinute: number;
  /** Of one address, without a key that somebody vouched for. */
  readonly strangersPerMinute: number;
  /** Event streams that are open at once. */
  readonly eventStreams: number;
  /** Runs that are begun at once; others wait, one of each study in turn (turns.ts). */
  readonly runsAtOnce: number;
  /** Frames that wait for one holder: what other holders send it beyond that is refused with INBOX_FULL. */
  readonly inboxFrames: number;
  /** Mean delay of the event loop, in milliseconds, above which nothing new is taken on; 0 for none. */
  readonly overloadMs: number;
};

export const USUAL_LIMITS: Limits = {
  requestsPerMinute: 6000,
  strangersPerMinute: 600,
  eventStreams: 4000,
  runsAtOnce: 16,
  inboxFrames: 20_000,
  overloadMs: 1000,
};

const SAMPLE_MS = 500;
/** Bodies that are being read at once: 16 of the largest. */
const MAX_BODY_BYTES = 16 * MAX_FRAME_BYTES;
const MINUTE_MS = 60_000;
const RETRY_SECONDS = 2;

/** What must answer also under load, or somebody would end the process for it. */
const ALWAYS: readonly OperationId[] = ['live'];

/** Answers are data for programs: a browser that shows one may load, run and embed nothing. */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  referrerPolicy: { policy: 'no-referrer' as const },
};

/** A refusal that says when to come back. */
export function refuseFor(reply: FastifyReply, refusal: Refusal, seconds = RETRY_SECONDS): never {
  void reply.header('retry-after', String(seconds));
  throw refusal;
}

const overloaded = (detail: string): Refusal => new Refusal('OVERLOADED', detail);

const isAlways = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.config.operation !== undefined && ALWAYS.includes(routeOptions.config.operation);

/** Must be called before everything else that looks at requests. */
export function registerProtection(
  app: FastifyInstance,
  { overloadMs }: Limits,
  secure: boolean,
): void {
  void app.register(underPressure, {
    maxEventLoopDelay: overloadMs,
    sampleInterval: SAMPLE_MS,
    pressureHandler: (request, reply, type) => {
      if (!isAlways(request)) refuseFor(reply, overloaded(type));
    },
  });
  void app.register(helmet, { ...HEADERS, strictTransportSecurity: secure });
  void app.register(rateLimit, { global: false });
}

export type Limiter = {
  /** Refuses with TOO_MANY_REQUESTS what `principal` asks beyond its share. */
  readonly principal: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** The same for whoever is at the address of the request. */
  readonly stranger: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
};

/** To be called once the plugins above are there. */
export function createLimiter(app: FastifyInstance, limits: Limits): Limiter {
  const each = (max: number, keyGenerator?: (request: FastifyRequest) => string) => {
    const count = app.createRateLimit({
      max,
      timeWindow: MINUTE_MS,
      ...(keyGenerator === undefined ? {} : { keyGenerator }),
    });
    return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const counted = await count(request);
      if (counted.isAllowed || !counted.isExceeded) return;
      refuseFor(reply, new Refusal('TOO_MANY_REQUESTS', 'rate'), counted.ttlInSeconds);
    };
  };
  return {
    principal: each(limits.requestsPerMinute, ({ principal }) => principal ?? ''),
    stranger: each(limits.strangersPerMinute),
  };
}

/** Bounds the memory that bodies take while they are read; after authentication. */
export function registerBodyBudget(app: FastifyInstance): void {
  let taken = 0;
  const held = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', async (request, reply) => {
    const length = Number(request.headers['content-length'] ?? 0);
    const chunked = request.headers['transfer-encoding'] !== undefined;
    const bytes = chunked ? MAX_FRAME_BYTES : length;
    // What is too large is refused as such, by the limit of its type.
    if (!(bytes > 0) || bytes > MAX_FRAME_BYTES) return;
    if (taken + bytes > MAX_BODY_BYTES) refuseFor(reply, overloaded('bodies'));
    taken += bytes;
    held.set(request, bytes);
    // Also where the connection breaks while the body is read.
    reply.raw.once('close', () => {
      taken -= held.get(request) ?? 0;
      held.delete(request);
    });
  });
}

/** At most `most` at once; `enter` gives what to call at the end. */
export function streamCounter(most: number) {
  let open = 0;
  return {
    get open(): number {
      return open;
    },
    enter(reply: FastifyReply): void {
      if (open >= most) refuseFor(reply, overloaded('event streams'));
      open += 1;
      reply.raw.once('close', () => {
        open -= 1;
      });
    },
  };
}

export type StreamCounter = ReturnType<typeof streamCounter>;
