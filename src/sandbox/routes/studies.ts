/** /v1/studies: take in a signed study, list those of the caller, show one and who accepted it. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Json } from '../../base/canonical-json.ts';
import { type Access, principalOf } from '../access.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Studies } from '../studies.ts';
import { type ShownAccounts, studyBudget } from '../study-budget.ts';
import { BudgetShape } from '../../engine/transport/answer-shapes.ts';
import { Next, page, PageQuery } from './page.ts';
import { Code, DigestText, StudyParams } from './shapes.ts';

const Created = Type.Object({ study: DigestText });
const Amended = Type.Object({
  study: DigestText,
  /** The digest of the version that was sent. */
  agreement: DigestText,
  version: Type.Integer({ minimum: 2 }),
  /** `narrowed`: not everybody has signed yet, and holders already reserve nothing that it does not allow. */
  state: Type.Enum(['amended', 'narrowed']),
});
const Listed = Type.Object({
  studies: Type.Array(
    Type.Object({ study: DigestText, title: Type.String(), expires: Type.String() }),
  ),
  next: Next,
});
const Shown = Type.Object({
  study: DigestText,
  /** A study has no unknown fields: it was refused otherwise. */
  signed: Type.Object({
    study: Type.Unknown(),
    signatures: Type.Array(Type.Unknown()),
    /** Of an amended study: every version before it. */
    history: Type.Optional(Type.Array(Type.Unknown())),
  }),
  accepted: Type.Object({}, { additionalProperties: Type.Boolean() }),
  refused: Type.Object({}, { additionalProperties: Code }),
});

export type StudyRoutesOptions = {
  readonly studies: Studies;
  readonly access: Access;
  /** What each holder last showed of its account. */
  readonly accounts: ShownAccounts;
};

export const studyRoutes: FastifyPluginAsyncTypebox<StudyRoutesOptions> = async (
  app,
  { studies, access, accounts },
) => {
  app.post(
    '/v1/studies',
    {
      config: { operation: 'createStudy' },
      schema: { body: Type.Object({}), response: { 201: Created, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const signed = request.body as Json;
      const study = studies.read(signed);
      access.allow(request, study);
      await studies.keep(study, signed);
      return reply
        .code(201)
        .header('location', `/v1/studies/${study.id}`)
        .send({ study: study.id });
    },
  );

  app.post(
    '/v1/studies/:study/amendments',
    {
      config: { operation: 'amendStudy' },
      schema: {
        params: StudyParams,
        body: Type.Object({}),
        response: { 201: Amended, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      const { study } = request.params;
      const amended = await studies.amend(study, request.body as Json);
      return reply
        .code(201)
        .header('location', `/v1/studies/${study}`)
        .send({ study, ...amended });
    },
  );

  app.get(
    '/v1/studies',
    {
      config: { operation: 'listStudies' },
      schema: { querystring: PageQuery, response: { 200: Listed, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const principal = principalOf(request);
      const own = (await studies.all()).filter((study) => access.roles(principal, study).size > 0);
      const { items, next } = await page(request.query, async (after, limit) =>
        own.filter(({ id }) => id > after).slice(0, limit),
      );
      return {
        studies: items.map(({ id, title, expires }) => ({ study: id, title, expires })),
        next,
      };
    },
  );

  app.get(
    '/v1/studies/:study',
    {
      config: { operation: 'readStudy' },
      schema: { params: StudyParams, response: { 200: Shown, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const study = await studies.get(request.params.study);
      const signed = (await studies.signed(study.id)) as Static<typeof Shown>['signed'];
      return { study: study.id, signed, ...(await studies.consent(study)) };
    },
  );

  app.get(
    '/v1/studies/:study/budget',
    {
      config: { operation: 'readBudget' },
      schema: { params: StudyParams, response: { 200: BudgetShape, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const study = await studies.get(request.params.study);
      return studyBudget(study, await accounts(study.id));
    },
  );
};
