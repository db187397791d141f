/** GET /openapi.json: this API in its own words. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { PROBLEM_RESPONSES } from '../problem.ts';

/** Made of schemas and fixed sentences alone. */
const Document = Type.Unsafe<object>({ type: 'object', additionalProperties: true });

export type ApiRouteOptions = { readonly apiDocument: () => object };

export const apiRoute: FastifyPluginAsyncTypebox<ApiRouteOptions> = async (
  app,
  { apiDocument },
) => {
  let document: object | undefined;
  app.get(
    '/openapi.json',
    {
      config: { operation: 'readApi' },
      schema: { response: { 200: Document, ...PROBLEM_RESPONSES } },
    },
    async () => (document ??= apiDocument()),
  );
};
