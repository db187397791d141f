/** Records of a run between its parties (sandbox/records.ts): a numbered post, a long poll behind a number. @module */
import type { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { check } from '../../base/errors.ts';
import { NAME_PATTERN } from '../../base/name.ts';
import { EPOCH_HEADER } from '../../engine/transport/run-records.ts';
import { type Access, principalOf } from '../access.ts';
import { CBOR_SEQUENCE_TYPE, RECORD_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import { encodeRecords, type RecordsOfRuns } from '../records.ts';
import { CLOSED, DigestText } from './shapes.ts';

const Params = Type.Object(
  { run: DigestText, party: Type.String({ pattern: NAME_PATTERN.source }) },
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
const Bytes = Type.Unsafe<Buffer | Readable>({});
const Accepted = Type.Object({ accepted: Type.Literal(true) });

export type RecordRoutesOptions = { readonly records: RecordsOfRuns; readonly access: Access };

export const recordRoutes: FastifyPluginAsyncTypebox<RecordRoutesOptions> = async (
  app,
  { records, access },
) => {
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
      const epoch = await records.put(params.run, parties, Number(query.number ?? '0'), body);
      return reply.code(202).header(EPOCH_HEADER, epoch).send({ accepted: true });
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
      const taken = await records.take(
        params.run,
        parties,
        Number(query.after ?? '0'),
        wait,
        gone.signal,
      );
      const bytes = 'stream' in taken ? taken.stream : Buffer.from(encodeRecords(taken.records));
      return reply.header(EPOCH_HEADER, taken.epoch).type(CBOR_SEQUENCE_TYPE).send(bytes);
    },
  );
};
