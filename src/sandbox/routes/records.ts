/** Records of a run between its parties (sandbox/records.ts): a numbered post, a long poll behind a number. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { concat } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { EPOCH_HEADER } from '../../engine/transport/run-records.ts';
import { type Access, principalOf } from '../access.ts';
import { CBOR_SEQUENCE_TYPE, RECORD_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Records } from '../records.ts';
import { CLOSED, DigestText } from './shapes.ts';

const Params = Type.Object(
  { run: DigestText, party: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }) },
  CLOSED,
);
const Count = Type.String({ pattern: '^(?:0|[1-9][0-9]{0,14})$' });
const Put = Type.Object({ number: Type.Optional(Count) }, CLOSED);
const Take = Type.Object(
  {
    after: Type.Optional(Count),
    wait: Type.Optional(Type.String({ pattern: '^(?:[0-9]|1[0-9]|2[0-5])$' })),
  },
  CLOSED,
);
const Bytes = Type.Unsafe<Buffer>({});
const Accepted = Type.Object({ accepted: Type.Literal(true) });

export type RecordRoutesOptions = { readonly records: Records; readonly access: Access };

export const recordRoutes: FastifyPluginAsyncTypebox<RecordRoutesOptions> = async (
  app,
  { records, access },
) => {
  app.addHook('onSend', async (_request, reply) => {
    void reply.header(EPOCH_HEADER, records.epoch);
  });

  app.post(
    '/v1/runs/:run/records/:party',
    {
      config: { operation: 'sendRecord' },
      schema: {
        params: Params,
        querystring: Put,
        response: { 202: Accepted, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      const { body, params, query } = request;
      check(body instanceof Uint8Array, 'UNSUPPORTED_MEDIA_TYPE', `a record is ${RECORD_TYPE}`);
      const parties = { from: access.holderName(principalOf(request)), to: params.party };
      await records.put(params.run, parties, Number(query.number ?? '0'), body);
      return reply.code(202).send({ accepted: true });
    },
  );

  app.get(
    '/v1/runs/:run/records/:party',
    {
      config: { operation: 'readRecords' },
      schema: { params: Params, querystring: Take, response: { 200: Bytes, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const { params, query } = request;
      const parties = { from: params.party, to: access.holderName(principalOf(request)) };
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const wait = Number(query.wait ?? '0') * 1000;
      const found = await records.take(
        params.run,
        parties,
        Number(query.after ?? '0'),
        wait,
        gone.signal,
      );
      return reply
        .type(CBOR_SEQUENCE_TYPE)
        .send(Buffer.from(concat(...found.map((record) => encodeCbor(record))).buffer));
    },
  );
};
