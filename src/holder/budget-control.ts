/** The part of the control socket that is about budgets (control.ts). @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import { PUBLIC_KEY_PATTERN } from '../base/sign.ts';
import type { BudgetDesk } from './budget-desk.ts';

const Id = Type.String({ pattern: DIGEST_PATTERN.source });
const OfStudy = Type.Object({ study: Type.Optional(Id) }, { additionalProperties: false });
const Decision = Type.Object(
  {
    run: Id,
    key: Type.String({ pattern: PUBLIC_KEY_PATTERN.source }),
    verdict: Type.Enum(['approve', 'deny']),
    signature: Type.String({ minLength: 86, maxLength: 86 }),
  },
  { additionalProperties: false },
);
/** Staff of the holder may see everything the desk answers, so the shape is the desk's own. */
const answer = { response: { 200: Type.Record(Type.String(), Type.Unknown()) } };

export const budgetControl =
  (desk: BudgetDesk): FastifyPluginAsyncTypebox =>
  async (app) => {
    const ofStudy = { schema: { querystring: OfStudy, ...answer } };
    app.get('/v1/budget', ofStudy, async ({ query }) => desk.show(query.study));
    app.get('/v1/budget/history', ofStudy, async ({ query }) => desk.history(query.study));
    app.get('/v1/approvals', { schema: answer }, async () => desk.waiting());
    app.get(
      '/v1/studies/:study',
      { schema: { params: Type.Object({ study: Id }), ...answer } },
      async ({ params }) => desk.draft(params.study),
    );
    app.post('/v1/approvals', { schema: { body: Decision, ...answer } }, async ({ body }) =>
      desk.decide(body.run, body.key, body.verdict, body.signature),
    );
    app.post(
      '/v1/grants',
      { schema: { body: Type.Unknown(), ...answer } },
      // Checked by what reads it (study/grant.ts).
      async ({ body }) => desk.book(body as Json),
    );
  };
