/** /v1/queries: price a query, take in a signed one, show one. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Json } from '../../base/canonical-json.ts';
import { priceJson } from '../../cohort/price.ts';
import type { StoredQuery } from '../../engine/stores/sandbox-studies.ts';
import { type Access, principalOf } from '../access.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import { type Queries, questionOf } from '../queries.ts';
import type { Runs } from '../runs.ts';
import type { Studies } from '../studies.ts';
import { listOf, Next, page } from './page.ts';
import { PriceShape } from '../../engine/transport/answer-shapes.ts';
import { CLOSED, DigestText, QueryParams, StudyParams } from './shapes.ts';

const Question = Type.Object(
  {
    query: Type.Object({}),
    /** Rows that the analyst expects in a cell, for what depends on it. */
    rows: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  },
  CLOSED,
);
/** Only what says which study it is about: the rest is checked with the study. */
const SignedQuery = Type.Object({ study: DigestText });
const Shown = Type.Object({
  query: DigestText,
  study: DigestText,
  state: Type.Literal('priced'),
  price: PriceShape,
  cells: Type.Integer({ minimum: 0 }),
  plan: DigestText,
  /** The run whose release answers it free. */
  released: Type.Union([DigestText, Type.Null()]),
});

const Listed = Type.Object({
  queries: Type.Array(
    Type.Object({
      query: DigestText,
      analyst: Type.String(),
      /** As the analyst asked it, checked against the query language. */
      asked: Type.Unknown(),
    }),
  ),
  next: Next,
});

export type QueryRoutesOptions = {
  readonly studies: Studies;
  readonly queries: Queries;
  readonly runs: Runs;
  readonly access: Access;
};

export const queryRoutes: FastifyPluginAsyncTypebox<QueryRoutesOptions> = async (
  app,
  { studies, queries, runs, access },
) => {
  const shown = async (query: StoredQuery): Promise<Static<typeof Shown>> => {
    const { id, study, plan, price } = await queries.detail(query);
    return {
      query: id,
      study,
      state: 'priced',
      price: priceJson(price),
      cells: price.cells,
      plan,
      released: (await runs.answer(query))?.id ?? null,
    };
  };

  app.post(
    '/v1/studies/:study/price',
    {
      config: { operation: 'priceQuery' },
      schema: {
        params: StudyParams,
        body: Question,
        response: { 200: PriceShape, ...PROBLEM_RESPONSES },
      },
    },
    async (request) => {
      const { query, rows } = request.body as { readonly query: Json; readonly rows?: number };
      const study = await studies.get(request.params.study);
      return priceJson(await queries.price(study, query, rows));
    },
  );

  app.post(
    '/v1/queries',
    {
      config: { operation: 'createQuery' },
      schema: { body: SignedQuery, response: { 201: Shown, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const signed = request.body as Json & { readonly study: string };
      const study = await studies.get(signed.study);
      access.allow(request, study);
      const id = await queries.submit(study, signed, principalOf(request));
      return reply
        .code(201)
        .header('location', `/v1/queries/${id}`)
        .send(await shown(await queries.get(id)));
    },
  );

  app.get(
    '/v1/studies/:study/queries',
    {
      config: { operation: 'listQueries' },
      schema: listOf(Listed),
    },
    async (request) => {
      const { items, next } = await page(request.query, (after, limit) =>
        queries.ofStudy(request.params.study, after, limit),
      );
      const listed = items.map((query) => {
        const { id, analyst } = query;
        return { query: id, analyst, asked: questionOf(query) };
      });
      return { queries: listed, next };
    },
  );

  app.get(
    '/v1/queries/:query',
    {
      config: { operation: 'readQuery' },
      schema: { params: QueryParams, response: { 200: Shown, ...PROBLEM_RESPONSES } },
    },
    async (request) => shown(await queries.get(request.params.query)),
  );
};
