/** Start a run, look at it, read its release. A run spends budget and ends in one release. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import { check } from '../../base/errors.ts';
import type { SandboxRuns } from '../../engine/stores/sandbox-runs.ts';
import { principalOf } from '../access.ts';
import { PROBLEM_RESPONSES, ProblemDocument } from '../problem.ts';
import type { Queries } from '../queries.ts';
import type { RunView } from '../run-view.ts';
import type { Runs } from '../runs.ts';
import { listOf, Next, page } from './page.ts';
import { releaseDocument, ReleaseShape } from './release-shape.ts';
import { DigestText, HolderName, QueryParams, RunParams, State } from './shapes.ts';

const Started = Type.Object({ run: DigestText, state: State });
const Listed = Type.Object({
  runs: Type.Array(Type.Object({ run: DigestText, query: DigestText, state: State })),
  next: Next,
});
const Shown = Type.Object({
  run: DigestText,
  query: DigestText,
  study: DigestText,
  state: State,
  problem: Type.Optional(ProblemDocument),
  holders: Type.Array(
    Type.Object({
      name: HolderName,
      step: Type.Union([Type.String(), Type.Null()]),
      lastSeen: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
/** Nothing, or an empty object. */
const NoBody = Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })]);
const RequestHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' }),
  ),
});

export type RunRoutesOptions = {
  readonly queries: Queries;
  readonly runs: Runs;
  readonly stored: SandboxRuns;
  readonly view: (run: string) => Promise<RunView>;
};

export const runRoutes: FastifyPluginAsyncTypebox<RunRoutesOptions> = async (
  app,
  { queries, runs, stored, view },
) => {
  app.post(
    '/v1/queries/:query/runs',
    {
      config: { operation: 'startRun' },
      schema: {
        params: QueryParams,
        headers: RequestHeaders,
        body: NoBody,
        response: { 202: Started, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      const query = await queries.get(request.params.query);
      check(query.analyst === principalOf(request), 'FORBIDDEN', 'query of another analyst');
      const { id, state } = await runs.start(query, request.headers['idempotency-key']);
      return reply.code(202).header('location', `/v1/runs/${id}`).send({ run: id, state });
    },
  );

  app.get(
    '/v1/studies/:study/runs',
    {
      config: { operation: 'listRuns' },
      schema: listOf(Listed),
    },
    async (request) => {
      const { items, next } = await page(request.query, (after, limit) =>
        stored.pageOfStudy(request.params.study, after, limit),
      );
      return { runs: items.map(({ id, query, state }) => ({ run: id, query, state })), next };
    },
  );

  app.get(
    '/v1/runs/:run',
    {
      config: { operation: 'readRun' },
      schema: { params: RunParams, response: { 200: Shown, ...PROBLEM_RESPONSES } },
    },
    async (request): Promise<Static<typeof Shown>> => view(request.params.run),
  );

  app.get(
    '/v1/runs/:run/release',
    {
      config: { operation: 'readRelease' },
      schema: { params: RunParams, response: { 200: ReleaseShape, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const { id, release } = await runs.get(request.params.run);
      check(release !== null, 'NOT_FOUND', `release of ${id}`);
      return releaseDocument(release);
    },
  );
};
