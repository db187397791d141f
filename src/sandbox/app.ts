/**
 * The HTTP face of the sandbox: Fastify with everything that it would quietly repair turned off
 * (DESIGN section 6), a token for every request, a declared schema for every answer, a problem
 * document for every refusal.
 *
 * Answers depend on principal, body and store only; nothing is cached and nothing may be.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { check, Refusal } from '../base/errors.ts';
import { COMPILED_WHEN_USED } from '../engine/transport/route-schemas.ts';
import { registerAccess } from './access.ts';
import { type AuthenticationOptions, registerAuthentication } from './authentication.ts';
import { JSON_LIMIT, registerBodies } from './body.ts';
import { registerNotFound } from './not-found.ts';
import { PROBLEM_TYPE } from './media-types.ts';
import type { Metrics } from './metrics.ts';
import { collectRoutes } from './openapi.ts';
import { problemOf, refusalOf } from './problem.ts';
import { type BenchmarkRoutesOptions, benchmarkRoutes } from './routes/benchmarks.ts';
import { type ColumnRoutesOptions, columnRoutes } from './routes/columns.ts';
import { type ImageRoutesOptions, imageRoutes } from './routes/images.ts';
import {
  createLimiter,
  type Limits,
  registerBodyBudget,
  registerProtection,
  type StreamCounter,
} from './protection.ts';
import { registerEntityTags } from './entity-tag.ts';
import { registerSpans } from './spans.ts';
import { metricsRoute } from './routes/metrics.ts';
import { apiRoute } from './routes/openapi.ts';
import { type HealthOptions, healthRoutes } from './routes/health.ts';
import { type LogRoutesOptions, logRoutes } from './routes/log.ts';
import { type QueryRoutesOptions, queryRoutes } from './routes/queries.ts';
import { type RecordRoutesOptions, recordRoutes } from './routes/records.ts';
import { type RunEventsOptions, runEventRoutes } from './routes/run-events.ts';
import { type RunRoutesOptions, runRoutes } from './routes/runs.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { type StudyRoutesOptions, studyRoutes } from './routes/studies.ts';
import { type UploadRoutesOptions, uploadRoutes } from './routes/uploads.ts';
import { type WireRoutesOptions, wireRoutes } from './routes/wire.ts';

export type Tls = { readonly cert: Buffer; readonly key: Buffer };

export type AppOptions = Omit<AuthenticationOptions, 'limiter'> &
  BenchmarkRoutesOptions &
  HealthOptions &
  StudyRoutesOptions &
  QueryRoutesOptions &
  RunRoutesOptions &
  Omit<RunEventsOptions, 'streams'> &
  WireRoutesOptions &
  LogRoutesOptions &
  RecordRoutesOptions &
  ColumnRoutesOptions &
  ImageRoutesOptions &
  UploadRoutesOptions & {
    readonly log: Logger;
    readonly tls?: Tls | undefined;
    readonly limits: Limits;
    readonly streams: StreamCounter;
    readonly metrics: Metrics;
    /** Called when the server begins to close, before it waits for the requests it has. */
    readonly beginClose: () => void;
  };

/** A frame of 16 MiB over a slow line; a long poll is 25 s. */
const REQUEST_TIMEOUT_MS = 120_000;
const SOCKET_IDLE_MS = 90_000;
const KEEP_ALIVE_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const LONGEST_PARAMETER = 64;
const RETRY_SECONDS = '5';

/**
 * Not HTTP at all, or not all of it in time (the fault of a slow line, or of this process): there
 * is no request to answer with a schema.
 */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const refusal = new Refusal(late ? 'OVERLOADED' : 'MALFORMED_MESSAGE', 'HTTP');
  const problem = problemOf(refusal, randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${late ? '503 Service Unavailable' : '400 Bad Request'}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    ...(late ? [`Retry-After: ${RETRY_SECONDS}`] : []),
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function createServer(log: Logger, tls: Tls | undefined): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    schemaController: COMPILED_WHEN_USED,
    genReqId: () => randomUUID(),
    bodyLimit: JSON_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SOCKET_IDLE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // Its answer would not be a problem document; see the hook below.
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const problem = problemOf(refusalOf(error), request.id);
      void reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
    },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    https: tls === undefined ? null : { ...tls, minVersion: 'TLSv1.3' },
  });
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  // The binding: plugins are written for either kind of server.
  return app as unknown as FastifyInstance;
}

function registerProblems(app: FastifyInstance, metrics: Metrics): void {
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    const problem = problemOf(refusal, request.id);
    // Overload is counted, and is no fault: a line of its own for each would make it worse.
    const level = problem.status >= 500 && problem.status !== 503 ? 'error' : 'info';
    metrics.refused(refusal.code);
    // Whatever is refused for now says when to come back.
    if (problem.status === 503 && !reply.hasHeader('retry-after')) {
      void reply.header('retry-after', RETRY_SECONDS);
    }
    const { code, detail, cause } = refusal;
    request.log[level]({ code, detail, ...(cause === undefined ? {} : { err: cause }) }, 'refused');
    if (code === 'UNAUTHENTICATED' || code === 'REPLAYED_REQUEST') {
      void reply.header('www-authenticate', 'Bearer');
    }
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
}

function registerLogging(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    const { method, params } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ method, operation, params, status: reply.statusCode, ms }, 'answered');
  });
}

export function createApp(options: AppOptions): FastifyInstance {
  const { log, tls, access, studyOf, closing, beginClose, limits, metrics } = options;
  const app = createServer(log, tls);
  registerProblems(app, metrics);
  registerLogging(app);
  registerSpans(app);
  metrics.watch(app);
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    check(!closing.aborted, 'SHUTTING_DOWN', 'request while closing');
  });
  app.addHook('preClose', async () => beginClose());
  registerProtection(app, limits, tls !== undefined);
  registerNotFound(app);
  const apiDocument = collectRoutes(app);
  // The limits are there once their plugin is.
  app.after(() => {
    registerBodies(app);
    registerAuthentication(app, { ...options, limiter: createLimiter(app, limits) });
    registerBodyBudget(app);
    registerAccess(app, access, studyOf);
    registerEntityTags(app);
  });
  void app.register(apiRoute, { apiDocument });
  void app.register(benchmarkRoutes, options);
  void app.register(healthRoutes, options);
  void app.register(metricsRoute, options);
  void app.register(signInRoutes, options);
  void app.register(studyRoutes, options);
  void app.register(queryRoutes, options);
  void app.register(runRoutes, options);
  void app.register(runEventRoutes, options);
  void app.register(wireRoutes, options);
  void app.register(logRoutes, options);
  void app.register(recordRoutes, options);
  void app.register(columnRoutes, options);
  void app.register(imageRoutes, options);
  void app.register(uploadRoutes, options);
  return app;
}
