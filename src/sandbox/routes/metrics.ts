/** GET /metrics, for whoever the configuration names under `ops`. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Metrics } from '../metrics.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';

/** Text of its own making: no schema writes it. */
const Text = Type.Unsafe<string>({ type: 'string' });

export type MetricsRouteOptions = { readonly metrics: Metrics };

export const metricsRoute: FastifyPluginAsyncTypebox<MetricsRouteOptions> = async (
  app,
  { metrics },
) => {
  app.get(
    '/metrics',
    {
      config: { operation: 'readMetrics' },
      schema: { response: { 200: Text, ...PROBLEM_RESPONSES } },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
};
