/** GET /livez, /readyz: whether the process runs, and whether it can do its work. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { PROBLEM_RESPONSES } from '../problem.ts';

const Health = Type.Object({ status: Type.Literal('ok'), version: Type.String() });
const schema = { response: { 200: Health, ...PROBLEM_RESPONSES } };

export type HealthOptions = {
  /** Throws when the store cannot be written or a worker does not answer. */
  readonly checkReady: () => Promise<void>;
  /** Of the package: holders compare it with their own (`kakehashi doctor`). */
  readonly version: string;
};

export const healthRoutes: FastifyPluginAsyncTypebox<HealthOptions> = async (
  app,
  { checkReady, version },
) => {
  const OK = { status: 'ok', version } as const;
  app.get('/livez', { config: { operation: 'live' }, schema }, async () => OK);

  app.get('/readyz', { config: { operation: 'ready' }, schema }, async () => {
    await checkReady();
    return OK;
  });
};
