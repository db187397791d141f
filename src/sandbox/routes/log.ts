/** The log of a study, for its parties and its auditors: state, entries, proofs. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { CONSISTENCY_FORMAT, ConsistencyShape } from '../../audit/one-log.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { StudyLog } from '../study-log.ts';
import { CLOSED, DigestText, StudyParams } from './shapes.ts';

/** Texts: a number in a query string is declared by its digits and read here. */
const Number15 = Type.String({ pattern: '^(?:0|[1-9][0-9]{0,14})$' });
/** Not required by the schema: who may not ask is told that, and not what is missing. */
const Asked = Type.Optional(Number15);
const MOST_ENTRIES = 500;

const State = Type.Object({
  study: DigestText,
  size: Type.Integer({ minimum: 0 }),
  root: DigestText,
  /** The newest checkpoint with a line of every holder. */
  checkpoint: Type.Union([Type.String(), Type.Null()]),
});
const Entries = Type.Object({
  from: Type.Integer({ minimum: 0 }),
  /** An entry has no unknown fields but those of a later version: it was checked when it was written. */
  entries: Type.Array(Type.Object({ entry: Type.Unknown(), salt: Type.String() })),
  size: Type.Integer({ minimum: 0 }),
});
const Checkpoints = Type.Object({ checkpoints: Type.Array(Type.String()) });
const Statements = Type.Object({
  from: Type.Integer({ minimum: 0 }),
  /** As holders signed them: they were checked when they came in. */
  statements: Type.Array(Type.Unknown()),
});
const Inclusion = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  size: Type.Integer({ minimum: 0 }),
  path: Type.Array(DigestText),
});

export type LogRoutesOptions = { readonly record: StudyLog };

export const logRoutes: FastifyPluginAsyncTypebox<LogRoutesOptions> = async (app, { record }) => {
  app.get(
    '/v1/studies/:study/log',
    {
      config: { operation: 'readLog' },
      schema: { params: StudyParams, response: { 200: State, ...PROBLEM_RESPONSES } },
    },
    async ({ params: { study } }) => ({
      ...(await record.state(study)),
      checkpoint: (await record.cosigned(study)) ?? null,
    }),
  );

  app.get(
    '/v1/studies/:study/log/entries',
    {
      config: { operation: 'readLogEntries' },
      schema: {
        params: StudyParams,
        querystring: Type.Object({ from: Type.Optional(Number15) }, CLOSED),
        response: { 200: Entries, ...PROBLEM_RESPONSES },
      },
    },
    async ({ params: { study }, query: { from = '0' } }) => {
      const first = Number(from);
      const entries = await record.entries(study, first, first + MOST_ENTRIES);
      return { from: first, entries, size: (await record.state(study)).size };
    },
  );

  app.get(
    '/v1/studies/:study/log/checkpoints',
    {
      config: { operation: 'readLogCheckpoints' },
      schema: { params: StudyParams, response: { 200: Checkpoints, ...PROBLEM_RESPONSES } },
    },
    async ({ params: { study } }) => ({ checkpoints: await record.allCosigned(study) }),
  );

  app.get(
    '/v1/studies/:study/log/statements',
    {
      config: { operation: 'readStatements' },
      schema: {
        params: StudyParams,
        querystring: Type.Object({ from: Type.Optional(Number15) }, CLOSED),
        response: { 200: Statements, ...PROBLEM_RESPONSES },
      },
    },
    async ({ params: { study }, query: { from = '0' } }) => {
      const first = Number(from);
      return { from: first, statements: await record.statements(study, first, MOST_ENTRIES) };
    },
  );

  app.get(
    '/v1/studies/:study/log/inclusion',
    {
      config: { operation: 'readInclusion' },
      schema: {
        params: StudyParams,
        querystring: Type.Object({ index: Asked, size: Asked }, CLOSED),
        response: { 200: Inclusion, ...PROBLEM_RESPONSES },
      },
    },
    async ({ params: { study }, query }) => {
      const [index, size] = [Number(query.index ?? 0), Number(query.size ?? 0)];
      return { index, size, path: await record.inclusion(study, index, size) };
    },
  );

  app.get(
    '/v1/studies/:study/log/consistency',
    {
      config: { operation: 'readConsistency' },
      schema: {
        params: StudyParams,
        querystring: Type.Object({ first: Asked, second: Asked }, CLOSED),
        response: { 200: ConsistencyShape, ...PROBLEM_RESPONSES },
      },
    },
    async ({ params: { study }, query }) => {
      const [first, second] = [Number(query.first ?? 0), Number(query.second ?? 0)];
      const path = await record.consistency(study, first, second);
      return { format: CONSISTENCY_FORMAT, study, first, second, path } as const;
    },
  );
};
