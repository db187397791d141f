/** The part of the control socket that is about encrypted columns (control.ts). @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import type { ColumnsDesk } from './columns-desk.ts';

const Study = Type.String({ pattern: DIGEST_PATTERN.source });
const StudyParams = Type.Object({ study: Study });
const UploadBody = Type.Object(
  {
    study: Study,
    /** Checked by what reads it (flows/columns/layout.ts). */
    list: Type.Optional(Type.Unknown()),
    forgetRows: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
/** Staff of the holder may see everything the desk answers, so the shape is the desk's own. */
const answer = { response: { 200: Type.Record(Type.String(), Type.Unknown()) } };

export const columnsControl =
  (desk: ColumnsDesk): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/v1/columns', { schema: answer }, async () => desk.list());
    app.post('/v1/columns', { schema: { body: UploadBody, ...answer } }, async ({ body }) => {
      const { study, forgetRows, list } = body;
      return desk.upload(study, { forgetRows, list: list as Json | undefined });
    });
    app.post(
      '/v1/columns/:study/erasure',
      { schema: { params: StudyParams, ...answer } },
      async ({ params }) => desk.erase(params.study),
    );
  };
