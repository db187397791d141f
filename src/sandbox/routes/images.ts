/** /v1/studies/ID/images: the programs that a study names, pushed by its members, fetched by its holders. @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { PUBLIC_KEY_PATTERN } from '../../base/sign.ts';
import { check } from '../../base/errors.ts';
import type { SandboxImages } from '../images.ts';
import { TAR_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Studies } from '../studies.ts';
import { CLOSED, DigestText, StudyParams } from './shapes.ts';

const ImageParams = Type.Object({ study: DigestText, image: DigestText }, CLOSED);
const State = Type.Object({
  digest: DigestText,
  pushed: Type.Boolean(),
  signed: Type.Boolean(),
  signatures: Type.Array(Type.String({ pattern: PUBLIC_KEY_PATTERN.source })),
});
const Listed = Type.Object({ images: Type.Array(State) });
/** The archive: no schema writes it. */
const Archive = Type.Unsafe<Buffer>({});

export type ImageRoutesOptions = { readonly images: SandboxImages; readonly studies: Studies };

export const imageRoutes: FastifyPluginAsyncTypebox<ImageRoutesOptions> = async (
  app,
  { images, studies },
) => {
  app.get(
    '/v1/studies/:study/images',
    {
      config: { operation: 'listImages' },
      schema: { params: StudyParams, response: { 200: Listed, ...PROBLEM_RESPONSES } },
    },
    async ({ params }) => ({
      images: (await images.list(await studies.get(params.study))).map((state) => ({
        ...state,
        signatures: [...state.signatures],
      })),
    }),
  );

  app.post(
    '/v1/studies/:study/images/:image',
    {
      config: { operation: 'pushImage' },
      schema: { params: ImageParams, response: { 201: State, ...PROBLEM_RESPONSES } },
    },
    async ({ params, body }, reply) => {
      check(body instanceof Uint8Array, 'UNSUPPORTED_MEDIA_TYPE', 'no bytes');
      const study = await studies.get(params.study);
      await studies.checkOpen(study);
      const state = await images.push(study, params.image, body);
      return reply.code(201).send({ ...state, signatures: [...state.signatures] });
    },
  );

  app.get(
    '/v1/studies/:study/images/:image',
    {
      config: { operation: 'fetchImage' },
      schema: { params: ImageParams, response: { 200: Archive, ...PROBLEM_RESPONSES } },
    },
    async ({ params }, reply) => {
      const archive = await images.fetch(await studies.get(params.study), params.image);
      return reply.code(200).type(TAR_TYPE).send(Buffer.from(archive));
    },
  );
};
