/**
 * OpenTelemetry spans of requests, through the API package alone: without an SDK that the operator
 * loads (`node --import`), nothing is recorded. Attributes are the operation and the status, as in
 * the metrics; no id, key or address.
 * @module
 */
import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const tracer = trace.getTracer('kakehashi');

export function registerSpans(app: FastifyInstance): void {
  const open = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', async (request) => {
    const { operation = 'none' } = request.routeOptions.config;
    const parent = propagation.extract(context.active(), request.headers);
    const attributes = { 'http.request.method': request.method, 'kakehashi.operation': operation };
    open.set(request, tracer.startSpan(operation, { kind: SpanKind.SERVER, attributes }, parent));
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = open.get(request);
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
}
