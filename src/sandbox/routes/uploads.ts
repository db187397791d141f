/** /v1/runs/ID/uploads: sealed rows of holders for a program that runs in the sandbox (sandbox/uploads.ts). @module */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { check } from '../../base/errors.ts';
import type { SandboxUploads } from '../../engine/stores/sandbox-uploads.ts';
import { type Access, principalOf } from '../access.ts';
import { RECORD_TYPE } from '../media-types.ts';
import { PROBLEM_RESPONSES } from '../problem.ts';
import type { Studies } from '../studies.ts';
import type { UploadsOfRuns } from '../uploads-door.ts';
import { CLOSED, DigestText, HolderName, RunParams, StudyParams } from './shapes.ts';

const Count = Type.String({ pattern: '^(?:0|[1-9][0-9]{0,6})$' });
const UploadParams = Type.Object({ run: DigestText, upload: DigestText }, CLOSED);
const PartParams = Type.Object({ run: DigestText, upload: DigestText, number: Count }, CLOSED);
const Block = Type.Object({ block: Type.Integer({ minimum: 0, maximum: 1000 }) }, CLOSED);
const Time = Type.String({ maxLength: 30 });
const Signature = {
  key: Type.String({ maxLength: 64 }),
  signature: Type.String({ maxLength: 128 }),
};
const Opened = Type.Object({
  opening: Type.Object({
    format: Type.String(),
    study: DigestText,
    run: DigestText,
    holder: HolderName,
    block: Type.Integer(),
    image: DigestText,
    upload: DigestText,
    publicKey: Type.String(),
    bytes: Type.Integer(),
    expires: Time,
    evidence: Type.Object({
      metered: DigestText,
      runner: DigestText,
      boundary: Type.String(),
      seccomp: Type.Boolean(),
    }),
  }),
  ...Signature,
});
const Stored = Type.Object({ stored: Type.Integer() });
const Ran = Type.Object({ ran: Type.Boolean() });
/** Sealed answers: no schema writes them. */
const Bytes = Type.Unsafe<Buffer>({});
const Listed = Type.Object({
  uploads: Type.Array(
    Type.Object({
      upload: DigestText,
      run: DigestText,
      holder: HolderName,
      image: DigestText,
      bytes: Type.Integer(),
      expires: Time,
      state: Type.Enum(['live', 'destroyed']),
    }),
  ),
  statements: Type.Array(
    Type.Object({
      erasure: Type.Object({
        format: Type.String(),
        study: DigestText,
        holder: HolderName,
        of: Type.Object({ kind: Type.String(), id: DigestText }),
        keys: Type.Array(Type.String()),
        sandbox: Type.Union([
          Type.Object({ ciphertexts: Type.Integer(), bytes: Type.Integer() }),
          Type.Null(),
        ]),
        at: Time,
      }),
      ...Signature,
    }),
  ),
});

export type UploadRoutesOptions = {
  readonly uploads: UploadsOfRuns;
  readonly storedUploads: SandboxUploads;
  readonly studies: Studies;
  readonly access: Access;
};

const bytesOf = ({ body }: FastifyRequest): Uint8Array => {
  check(body instanceof Uint8Array, 'UNSUPPORTED_MEDIA_TYPE', `a chunk is ${RECORD_TYPE}`);
  return body;
};

export const uploadRoutes: FastifyPluginAsyncTypebox<UploadRoutesOptions> = async (
  app,
  { uploads, storedUploads, studies, access },
) => {
  const holderOf = (request: FastifyRequest): string => access.holderName(principalOf(request));

  app.post(
    '/v1/runs/:run/uploads',
    {
      config: { operation: 'openUpload' },
      schema: { params: RunParams, body: Block, response: { 201: Opened, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const { block } = request.body;
      const { run } = request.params;
      return reply.code(201).send(await uploads.open(run, holderOf(request), block));
    },
  );

  app.post(
    '/v1/runs/:run/uploads/:upload/chunks/:number',
    {
      config: { operation: 'storeChunk' },
      schema: { params: PartParams, response: { 200: Stored, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const { run, upload, number } = request.params;
      const stored = Number(number);
      await uploads.store(run, holderOf(request), upload, stored, bytesOf(request));
      return { stored };
    },
  );

  app.post(
    '/v1/runs/:run/uploads/:upload/execution',
    {
      config: { operation: 'executeUpload' },
      schema: { params: UploadParams, response: { 200: Ran, 202: Ran, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const { run, upload } = request.params;
      const ran = await uploads.execute(run, holderOf(request), upload, bytesOf(request));
      return reply.code(ran ? 200 : 202).send({ ran });
    },
  );

  app.get(
    '/v1/runs/:run/uploads/:upload/answers/:number',
    {
      config: { operation: 'readAnswers' },
      schema: { params: PartParams, response: { 200: Bytes, ...PROBLEM_RESPONSES } },
    },
    async (request, reply) => {
      const { run, upload, number } = request.params;
      const part = await uploads.answers(run, holderOf(request), upload, Number(number));
      return reply.code(200).type(RECORD_TYPE).send(Buffer.from(part));
    },
  );

  app.get(
    '/v1/studies/:study/uploads',
    {
      config: { operation: 'listUploads' },
      schema: { params: StudyParams, response: { 200: Listed, ...PROBLEM_RESPONSES } },
    },
    async (request) => {
      const study = await studies.get(request.params.study);
      const caller = principalOf(request);
      const own = study.holders.find(({ identity }) => identity === caller)?.name;
      const statements = await storedUploads.statements(study.id);
      const ended = new Set(statements.map(({ run }) => run));
      const shown = (await storedUploads.of({ study: study.id })).filter(
        // When a key of a run under way was destroyed depends on rows.
        ({ run, holder }) => holder === own || ended.has(run),
      );
      return {
        uploads: shown.map(({ upload, run, holder, image, bytes, expires, destroyed }) => ({
          ...{ upload, run, holder, image, bytes, expires: expires.toISOString() },
          state: destroyed ? ('destroyed' as const) : ('live' as const),
        })),
        statements: statements.map(({ signed }) => ({
          ...signed,
          erasure: { ...signed.erasure, keys: [...signed.erasure.keys] },
        })),
      };
    },
  );
};
