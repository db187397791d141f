/** The wire of holders (DESIGN section 9): a long poll of the own inbox, a post of one frame. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { type Access, principalOf, type StudyOf } from '../access.ts';
import { CBOR_SEQUENCE_TYPE, CBOR_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Relay } from '../relay.ts';
import { CLOSED, RunParams } from './shapes.ts';

/** Texts: a number in a query string is declared by its digits and read here. */
const Number15 = Type.Optional(Type.String({ pattern: '^(?:0|[1-9][0-9]{0,14})$' }));
const After = Type.Object({ after: Number15 }, CLOSED);
const Poll = Type.Object(
  {
    after: Number15,
    from: Number15,
    wait: Type.Optional(Type.String({ pattern: '^(?:[0-9]|1[0-9]|2[0-5])$' })),
  },
  CLOSED,
);
/** Bytes as holders signed them: no schema writes them. */
const Frames = Type.Unsafe<Buffer>({});
const Accepted = Type.Object({ accepted: Type.Literal(true), duplicate: Type.Boolean() });

export type WireRoutesOptions = {
  readonly relay: Relay;
  readonly access: Access;
  readonly studyOf: StudyOf;
};

export const wireRoutes: FastifyPluginAsyncTypebox<WireRoutesOptions> = async (
  app,
  { relay, access, studyOf },
) => {
  app.get(
    '/v1/inbox',
    {
      config: { operation: 'readInbox' },
      schema: { querystring: Poll, response: { 200: Frames, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const holder = access.holderName(principalOf(request));
      const { after = '0', from = after, wait = '0' } = request.query;
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const behind = { after: Number(after), from: Number(from) };
      const frames = await relay.poll(holder, behind, Number(wait) * 1000, gone.signal);
      return reply
        .type(CBOR_SEQUENCE_TYPE)
        .header('kakehashi-cursor', String(behind.from + frames.length))
        .send(Buffer.from(concat(...frames).buffer));
    },
  );

  app.get(
    '/v1/sent',
    {
      config: { operation: 'readSent' },
      schema: { querystring: After, response: { 200: Frames, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const holder = access.holderName(principalOf(request));
      const { frames, cursor, acknowledged } = await relay.sent(
        holder,
        Number(request.query.after ?? '0'),
      );
      return reply
        .type(CBOR_SEQUENCE_TYPE)
        .header('kakehashi-cursor', String(cursor))
        .header('kakehashi-acknowledged', String(acknowledged))
        .send(Buffer.from(concat(...frames).buffer));
    },
  );

  app.post(
    '/v1/runs/:run/frames',
    {
      config: { operation: 'sendFrame' },
      schema: { params: RunParams, response: { 202: Accepted, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const { body } = request;
      check(body instanceof Uint8Array, 'UNSUPPORTED_MEDIA_TYPE', `a frame is ${CBOR_TYPE}`);
      const { run } = request.params;
      const study = await studyOf.run(run);
      const duplicate = await relay.accept(principalOf(request), study, run, body);
      return reply.code(202).send({ accepted: true, duplicate });
    },
  );
};
